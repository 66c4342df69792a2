package io.keelson.oci.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.OutputShare;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.log.LogLine;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.runtime.OciRuntime;
import io.keelson.oci.runtime.RuntimeHandler;
import io.keelson.oci.runtime.RuntimeState;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.ProcessSpec;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.SeccompChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every OCI runtime does under conmon. Needs root, and runs the host's own programs in containers. */
@Timeout(120)
abstract class MonitoredRuntimeContract {
    private static final Path CONMON = Path.of("/usr/bin/conmon");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final SpawnedProcesses processes = new SpawnedProcesses();
    private final Cgroups cgroups = Cgroups.detect(Path.of("/sys/fs/cgroup"));
    private final String id = randomId();
    private final String pod = "/keelson-" + System.getProperty("keelson.run", "it") + "-" + id.substring(0, 16);
    private final String cgroup = pod + "/" + id;
    private OciRuntime runtime;
    private MonitorPaths paths;
    private MonitorLauncher launcher;
    private ExitFiles exits;
    private TestBundle bundle;

    /** Absent if the runtime is not on this node. */
    abstract Optional<Path> program();

    /** Whether what a command left behind goes on even if it has the command's output open. */
    abstract boolean keepsWhatHoldsTheOutput();

    private static String randomId() {
        var bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @BeforeEach
    void make() throws IOException {
        assumeTrue(program().isPresent(), "the runtime is not on this node");
        assumeTrue(Files.isExecutable(CONMON), CONMON + " is not on this node");
        // A socket's path is short (unix(7)).
        var state = Files.createDirectories(directory.resolve("s"));
        var handler = new RuntimeHandler(
                "tested",
                program().orElseThrow(),
                Files.createDirectories(state.resolve("runtime")),
                Command.MINIMAL_ENVIRONMENT);
        runtime = new OciRuntime(processes, handler, CgroupDriver.CGROUPFS, cgroups);
        var problem = runtime.features().problem();
        assumeTrue(problem.isEmpty(), () -> problem.orElseThrow());
        paths = new MonitorPaths(state.resolve("exits"), state);
        launcher = new MonitorLauncher(processes, CONMON, paths, cgroups::end);
        exits = new ExitFiles(paths);
        bundle = new TestBundle(state, id, cgroup);
    }

    @AfterEach
    void remove() {
        if (exits != null) {
            runtime.delete(id, true);
            cgroups.killAll(pod);
            cgroups.remove(pod);
        }
    }

    private Monitored launch() throws IOException {
        return launcher.launch(bundle.make(runtime.handler(), cgroups.layout().isUnified()), runtime);
    }

    private Monitored run(String... arguments) throws IOException {
        bundle.arguments = List.of(arguments);
        var monitored = launch();
        runtime.start(id);
        return monitored;
    }

    private Monitored shell(String script) throws IOException {
        return run("/bin/sh", "-c", script);
    }

    private static void await(String what, BooleanSupplier condition) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Exit awaitExit() {
        await("the end of the container", () -> exits.read(id).isPresent());
        return exits.read(id).orElseThrow();
    }

    private List<LogLine> log() throws IOException {
        return Files.readAllLines(bundle.log.orElseThrow()).stream()
                .map(LogLine::parse)
                .toList();
    }

    /** What the script says on stdout, as the log has it. */
    private List<String> said(String script) throws IOException {
        bundle.log = Optional.of(directory.resolve("c.log"));
        shell(script);
        awaitExit();
        return log().stream().map(LogLine::text).toList();
    }

    private Finished exec(Optional<Duration> timeout, int limit, String... command) throws IOException {
        var config = Json.parseObject(
                Files.readAllBytes(directory.resolve("s").resolve(id).resolve("config.json")));
        return runtime.exec(new ExecRequest(
                id,
                ProcessSpec.another(config.object("process"), List.of(command), false),
                cgroup,
                timeout,
                limit,
                OutputShare.UNLIMITED));
    }

    private Finished exec(String... command) throws IOException {
        return exec(Optional.of(PATIENCE), ExecRequest.OUTPUT_LIMIT_BYTES, command);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private boolean hasNoGroupWithin(String name) {
        return cgroups.directories(pod).stream()
                .noneMatch(group -> Files.exists(group.resolve(id).resolve(name)));
    }

    private void assertNothingRuns() {
        assertThat(runtime.state(id)).isEmpty();
        assertThat(cgroups.pids(pod)).isEmpty();
        assertThat(cgroups.directories(cgroup)).isEmpty();
    }

    @Test
    void aContainerWaitsUntilItIsStartedAndItsCodeIsWrittenDown() throws IOException {
        bundle.arguments = List.of("/bin/sh", "-c", "exit 7");
        var monitored = launch();
        assertThat(runtime.state(id).orElseThrow().status()).isEqualTo(RuntimeState.Status.CREATED);
        assertThat(runtime.state(id).orElseThrow().pid())
                .isEqualTo(monitored.init().pid());
        assertThat(cgroups.pids(cgroup)).contains(monitored.init().pid());
        assertThat(exits.read(id)).isEmpty();

        var begin = Instant.now();
        runtime.start(id);

        var exit = awaitExit();
        assertThat(exit.code()).isEqualTo(7);
        assertThat(exit.oomAt()).isEmpty();
        assertThat(exit.finishedAt())
                .isBetween(begin.minusMillis(20), Instant.now().plusMillis(20));
        await("the end of the monitor", () -> !monitored.monitor().isAlive());
    }

    @Test
    void aDeathBySignalIs128AndTheSignal() throws IOException {
        var monitored = run("/bin/sleep", "1000");
        assertThat(runtime.state(id).orElseThrow().status()).isEqualTo(RuntimeState.Status.RUNNING);

        monitored.init().open().orElseThrow().sendSignal(Pidfd.SIGKILL);

        assertThat(awaitExit().code()).isEqualTo(137);
        runtime.kill(id, 15, false);
    }

    @Test
    void aSignalReachesTheContainersProcess() throws IOException {
        bundle.log = Optional.of(directory.resolve("c.log"));
        shell("trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done");
        await("the trap", () -> sizeOf(bundle.log.orElseThrow()) > 0);

        runtime.kill(id, 10, false);

        assertThat(awaitExit().code()).isEqualTo(5);
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void linesOfBothStreamsAreLoggedAsKubernetesReadsThem() throws IOException {
        bundle.log = Optional.of(directory.resolve("c.log"));
        var begin = Instant.now();
        shell("echo out; echo ' two  spaces '; echo err >&2; echo; printf unfinished");
        awaitExit();

        var lines = log();
        assertThat(lines)
                .filteredOn(line -> line.stream().equals("stdout"))
                .extracting(LogLine::text)
                .containsExactly("out", " two  spaces ", "", "unfinished");
        assertThat(lines)
                .filteredOn(line -> line.stream().equals("stderr"))
                .extracting(LogLine::text)
                .containsExactly("err");
        assertThat(lines.getFirst().isPartial()).isFalse();
        assertThat(lines).allMatch(line -> !line.time().isBefore(begin.minusMillis(20)));
    }

    @Test
    void aLongLineComesInPartsThatAreTheWhole() throws IOException {
        bundle.log = Optional.of(directory.resolve("c.log"));
        shell("head -c 100000 /dev/zero | tr '\\0' x; echo; echo next");
        awaitExit();

        var lines = log();
        var whole = lines.stream().map(LogLine::text).collect(Collectors.joining());
        assertThat(whole).isEqualTo("x".repeat(100_000) + "next");
        assertThat(lines).hasSizeGreaterThan(2);
        assertThat(lines.getFirst().isPartial()).isTrue();
        assertThat(lines.get(lines.size() - 2).isPartial()).as("the last part").isFalse();
    }

    @Test
    void whatCannotBeStartedIsToldInTheRuntimesWordsAndLeavesNothing() throws IOException {
        var failure = catchThrowableOfType(Failure.class, () -> run("/no/such/program"));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE);
        assertThat(failure).hasMessageContaining(id).hasMessageContaining("/no/such/program");
        runtime.delete(id, true);
        cgroups.remove(cgroup);
        assertNothingRuns();
    }

    @Test
    void aCreationThatFailsLeavesNothing() throws IOException {
        bundle.arguments = List.of("/bin/true");
        var request = bundle.make(runtime.handler(), cgroups.layout().isUnified());
        Files.writeString(request.bundle().resolve("config.json"), "{\"ociVersion\":\"1.0.2\",\"root\":5}");

        assertThatThrownBy(() -> launcher.launch(request, runtime))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot create container " + id);

        assertNothingRuns();
        assertThat(exits.read(id)).isEmpty();
        try (var left = Files.list(request.bundle())) {
            assertThat(left).containsExactly(request.bundle().resolve("config.json"));
        }
    }

    @Test
    void aMonitorThatCannotBeStartedIsUnavailableAndLeavesNothing() throws IOException {
        var request = bundle.make(runtime.handler(), cgroups.layout().isUnified());
        var broken = new MonitorLauncher(processes, Path.of("/no/such/conmon"), paths, cgroups::end);

        assertThatThrownBy(() -> broken.launch(request, runtime))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageContaining("/no/such/conmon");
        assertNothingRuns();
    }

    @Test
    @Tag("K4")
    void aRuntimeThatHangsIsATimeoutAndIsEndedWithItsMonitor() throws IOException {
        var hanging = Files.writeString(directory.resolve("hang"), "#!/bin/sh\nexec sleep 1000 # \"$@\"\n");
        assertThat(hanging.toFile().setExecutable(true)).isTrue();
        var handler = new RuntimeHandler(
                "hangs", hanging, runtime.handler().root().resolve("of-hanging"), Command.MINIMAL_ENVIRONMENT);
        var request = bundle.make(handler, cgroups.layout().isUnified());
        var impatient = new MonitorRequest(
                request.id(),
                request.name(),
                handler,
                request.driver(),
                request.cgroup(),
                request.bundle(),
                request.logPath(),
                false,
                false,
                false,
                Duration.ofMillis(500));

        assertThatThrownBy(() ->
                        launcher.launch(impatient, new OciRuntime(processes, handler, CgroupDriver.CGROUPFS, cgroups)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.TIMEOUT));

        await("the end of monitor and runtime", () -> processesThatSay(id).isEmpty());
        assertNothingRuns();
    }

    /** Processes with this word in their command line. */
    private static Set<Long> processesThatSay(String word) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> commandLine(process.pid()).contains(word))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void aCommandRunsInTheContainerAndItsCodeAndOutputComeBack() throws IOException {
        run("/bin/sleep", "1000");

        var finished = exec("/bin/sh", "-c", "hostname; echo err >&2; exit 3");

        assertThat(finished.exitCode()).isEqualTo(3);
        assertThat(text(finished.stdout())).isEqualTo("inside\n");
        assertThat(text(finished.stderr())).isEqualTo("err\n");
        assertThat(finished.timedOut()).isFalse();
        assertThat(runtime.state(id).orElseThrow().status()).isEqualTo(RuntimeState.Status.RUNNING);
    }

    @Test
    void aCommandRunsAsTheContainersUser() throws IOException {
        bundle.user = new ProcessUser(1234, 5678, List.of(5678L, 99L));
        run("/bin/sleep", "1000");

        assertThat(text(exec("/bin/sh", "-c", "id -u; id -g; id -G").stdout()).lines())
                .containsExactly("1234", "5678", "5678 99");
    }

    @Test
    void aCommandThatIsNotThereFailsWithTheRuntimesWordsAndTheContainerGoesOn() throws IOException {
        var monitored = run("/bin/sleep", "1000");

        var finished = exec("/no/such/program");

        assertThat(finished.exitCode()).isNotZero();
        assertThat(text(finished.stderr())).contains("/no/such/program");
        assertThat(monitored.init().isAlive()).isTrue();
    }

    @Test
    void outputIsBoundedAndTheCommandEndsAllTheSame() throws IOException {
        run("/bin/sleep", "1000");

        var finished = exec(
                Optional.of(PATIENCE),
                1000,
                "/bin/sh",
                "-c",
                "head -c 3000000 /dev/zero; head -c 1001 /dev/zero >&2; exit 4");

        assertThat(finished.exitCode()).isEqualTo(4);
        assertThat(finished.stdout()).hasSize(1000);
        assertThat(finished.stderr()).hasSize(1000);
        assertThat(finished.truncated()).isTrue();
        assertThat(exec(Optional.of(PATIENCE), 1000, "/bin/sh", "-c", "head -c 1000 /dev/zero")
                        .truncated())
                .as("exactly the limit")
                .isFalse();
    }

    @Test
    void whatACommandStartedIsKilledAtItsTimeoutAndTheContainerGoesOn() throws IOException {
        var monitored = run("/bin/sleep", "1000");
        var before = cgroups.pids(cgroup);

        var begin = System.nanoTime();
        var finished = exec(
                Optional.of(Duration.ofMillis(500)),
                1000,
                "/bin/sh",
                "-c",
                "trap '' TERM; setsid sleep 999 & (setsid sh -c 'sleep 998; :' &) ; echo begun; while :; do sleep 1; done");

        assertThat(finished.timedOut()).isTrue();
        assertThat(text(finished.stdout())).isEqualTo("begun\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        assertThat(cgroups.pids(cgroup)).isEqualTo(before);
        assertThat(monitored.init().isAlive()).isTrue();
        assertThat(exec("/bin/true").exitCode())
                .as("and takes further commands")
                .isZero();
        await("the end of the command's group", () -> groupsOfCommands() == 0);
    }

    /** What the command itself started has to be reaped by the container's first process, as in every container. */
    @Test
    void aCommandThatIsKilledAtItsTimeoutLeavesNoZombieThoughTheContainerReapsNothing() throws IOException {
        var monitored = run("/bin/sleep", "1000");

        assertThat(exec(Optional.of(Duration.ofMillis(300)), 1000, "/bin/sleep", "999")
                        .timedOut())
                .isTrue();

        assertThat(zombiesOf(monitored.init().pid())).isEmpty();
        assertThat(zombiesOf(ProcessHandle.current().pid())).isEmpty();
        assertThat(cgroups.pids(cgroup)).containsExactly(monitored.init().pid());
    }

    private long groupsOfCommands() {
        return cgroups.directories(cgroup).stream()
                .mapToLong(group -> {
                    try (var below = Files.list(group)) {
                        return below.filter(Files::isDirectory).count();
                    } catch (IOException e) {
                        return 0;
                    }
                })
                .sum();
    }

    /** Children that have ended and that it has not waited for. */
    private static List<Long> zombiesOf(long parent) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> {
                    try {
                        var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
                        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3);
                        return fields[0].equals("Z") && fields[1].equals(Long.toString(parent));
                    } catch (IOException e) {
                        return false;
                    }
                })
                .toList();
    }

    @Test
    void aCommandIsInTheContainersGroupsInEveryHierarchy() throws IOException {
        run("/bin/sleep", "1000");

        var lines = text(exec("/bin/cat", "/proc/self/cgroup").stdout()).lines().toList();

        var limited = lines.stream()
                .filter(line ->
                        List.of("memory", "pids", "cpu", "devices", "freezer").contains(line.split(":", 3)[1])
                                || cgroups.layout().isUnified())
                .toList();
        assertThat(limited).isNotEmpty().allMatch(line -> cgroups.layout().isUnified() || line.contains(cgroup));
    }

    @Test
    void whatACommandLeavesInTheBackgroundDoesNotHoldUpItsAnswer() throws IOException {
        run("/bin/sleep", "1000");

        var begin = System.nanoTime();
        var finished = exec("/bin/sh", "-c", "sleep 997 & echo done");

        assertThat(text(finished.stdout())).isEqualTo("done\n");
        assertThat(finished.exitCode()).isZero();
        assertThat(finished.timedOut()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        assertThat(cgroups.pids(cgroup)).hasSize(keepsWhatHoldsTheOutput() ? 2 : 1);
        assertThat(exec("/bin/true").exitCode()).isZero();
    }

    @Test
    void whatACommandLeavesInTheBackgroundWithoutItsOutputGoesOnUntilTheContainerEnds() throws IOException {
        run("/bin/sleep", "1000");

        assertThat(exec("/bin/sh", "-c", "sleep 997 >/dev/null 2>&1 & echo done")
                        .exitCode())
                .isZero();

        assertThat(cgroups.pids(cgroup)).hasSize(2);
        runtime.delete(id, true);
        cgroups.killAll(cgroup);
        assertThat(cgroups.pids(pod)).isEmpty();
    }

    @Test
    void aCommandInAContainerThatIsGoneFails() throws IOException {
        run("/bin/true");
        awaitExit();
        runtime.delete(id, true);
        cgroups.remove(cgroup);

        assertThatThrownBy(() -> {
                    var finished = exec("/bin/true");
                    throw Failure.wrongState("code " + finished.exitCode() + " " + finished.complaint());
                })
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageNotContaining("code 0");
        assertNothingRuns();
    }

    @Test
    void deletingIsForcedOrRefusedWhileItRunsAndMayBeRepeated() throws IOException {
        run("/bin/sleep", "1000");

        assertThatThrownBy(() -> runtime.delete(id, false))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining(id);
        assertThat(runtime.state(id)).isPresent();

        runtime.delete(id, true);
        runtime.delete(id, true);
        cgroups.killAll(cgroup);
        cgroups.remove(cgroup);
        assertNothingRuns();
        assertThat(awaitExit().code()).isEqualTo(137);
        exits.forget(id);
        assertThat(exits.read(id)).isEmpty();
    }

    @Test
    void aStartThatIsRepeatedIsRefused() throws IOException {
        run("/bin/sleep", "1000");

        assertThatThrownBy(() -> runtime.start(id))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE));
    }

    @Test
    void aContainerThatTakesTooMuchMemoryIsKilledAndThatIsNoted() throws IOException {
        bundle.resources = new LinuxResources(0, 0, 0, 16 << 20, 0, "", "", Map.of(), Map.of(), 0);
        run("/bin/sh", "-c", "exec tail /dev/zero");

        var exit = awaitExit();

        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.oomAt()).isPresent();
    }

    @Test
    void limitsCanBeChangedWhileItRuns() throws IOException {
        run("/bin/sleep", "1000");

        runtime.update(id, cgroup, resources(300, 0, 32 << 20, "", 0));

        var file = cgroups.directory(cgroup, "memory")
                .orElseThrow()
                .resolve(cgroups.layout().isUnified() ? "memory.max" : "memory.limit_in_bytes");
        assertThat(file).hasContent(Integer.toString(32 << 20));
        assertThatThrownBy(() -> runtime.update("00".repeat(32), cgroup, resources(300, 0, 0, "", 0)))
                .isInstanceOf(Failure.class);
    }

    private static LinuxResources resources(long shares, long quota, long memory, String cpus, long swap) {
        return new LinuxResources(0, quota, shares, memory, 0, cpus, "", Map.of(), Map.of(), swap);
    }

    private String limit(String controller, String file) {
        try {
            return Files.readString(
                            cgroups.directory(cgroup, controller).orElseThrow().resolve(file))
                    .strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aQuotaIsLiftedAndMemoryGrowsBeyondTheOldLimitOfMemoryAndSwap() throws IOException {
        assumeTrue(!cgroups.layout().isUnified(), "these are files of cgroup version 1");
        bundle.resources = resources(0, -1, 32 << 20, "", 32 << 20);
        run("/bin/sleep", "1000");

        runtime.update(id, cgroup, resources(0, 20_000, 128 << 20, "", 128 << 20));
        assertThat(limit("cpu", "cpu.cfs_quota_us")).isEqualTo("20000");
        assertThat(limit("memory", "memory.limit_in_bytes")).isEqualTo(Integer.toString(128 << 20));
        assertThat(limit("memory", "memory.memsw.limit_in_bytes")).isEqualTo(Integer.toString(128 << 20));

        runtime.update(id, cgroup, resources(0, -1, 16 << 20, "", 16 << 20));
        assertThat(limit("cpu", "cpu.cfs_quota_us")).isEqualTo("-1");
        assertThat(limit("memory", "memory.memsw.limit_in_bytes")).isEqualTo(Integer.toString(16 << 20));
    }

    @Test
    void whatTheKernelRefusesHalfWayIsWrittenBack() throws IOException {
        run("/bin/sleep", "1000");
        var before = cgroups.limits(cgroup, Set.of());
        var text = new String(before.toJson().toBytes(), StandardCharsets.UTF_8);

        assertThatThrownBy(() -> runtime.update(id, cgroup, resources(300, 0, 0, "1000-1001", 0)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("cannot change the limits of container " + id);
        assertThatThrownBy(() -> runtime.update(id, cgroup, resources(400, 0, 4096, "", 0)))
                .hasMessageContaining("a limit of 4096 bytes of memory");
        before.restore();

        assertThat(new String(cgroups.limits(cgroup, Set.of()).toJson().toBytes(), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    /** A command of crun's has a cpuset of its own below the container's, which cannot be narrower than that. */
    @Test
    void theListOfProcessorsChangesWhileACommandRuns() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one processor only");
        run("/bin/sleep", "1000");
        var command = Thread.ofVirtual().start(() -> {
            try {
                exec("/bin/sleep", "3");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await("the command", () -> cgroups.pids(cgroup).size() > 1);

        runtime.update(id, cgroup, resources(0, 0, 0, "0", 0));
        assertThat(limit("cpuset", "cpuset.cpus")).isEqualTo("0");
        runtime.update(id, cgroup, resources(0, 0, 0, "1", 0));
        assertThat(limit("cpuset", "cpuset.cpus")).isEqualTo("1");
        command.join();
    }

    private Map<String, String> status() throws IOException {
        var status = new HashMap<String, String>();
        said("cat /proc/self/status").forEach(line -> {
            var colon = line.indexOf(':');
            status.put(
                    line.substring(0, Math.max(0, colon)),
                    line.substring(colon + 1).strip());
        });
        return status;
    }

    @Test
    void capabilitiesAndPrivilegesAreThoseAskedForAndNoMore() throws IOException {
        bundle.dropCapabilities = List.of("ALL");
        bundle.addCapabilities = List.of("CHOWN", "KILL");
        bundle.noNewPrivileges = true;

        var status = status();

        assertThat(status.get("CapEff")).isEqualTo("0000000000000021");
        assertThat(status.get("CapBnd")).isEqualTo("0000000000000021");
        assertThat(status.get("CapInh")).isEqualTo("0000000000000000");
        assertThat(status.get("CapAmb")).isEqualTo("0000000000000000");
        assertThat(status.get("NoNewPrivs")).isEqualTo("1");
        assertThat(status.get("Seccomp")).isEqualTo("0");
    }

    @Test
    void withoutRootThereAreNoEffectiveCapabilities() throws IOException {
        bundle.user = new ProcessUser(1000, 1000, List.of(1000L));

        var status = status();

        assertThat(status.get("CapEff")).isEqualTo("0000000000000000");
        assertThat(status.get("CapPrm")).isEqualTo("0000000000000000");
        assertThat(status.get("Uid")).startsWith("1000\t1000");
    }

    @Test
    void ambientCapabilitiesStayWithAUserWhoIsNotRoot() throws IOException {
        bundle.user = new ProcessUser(1000, 1000, List.of(1000L));
        bundle.ambientCapabilities = List.of("NET_BIND_SERVICE");

        var status = status();

        for (var set : List.of("CapAmb", "CapInh", "CapPrm", "CapEff")) {
            assertThat(status.get(set)).as(set).isEqualTo("0000000000000400");
        }
    }

    @Test
    void ourSeccompProfileIsTakenByTheRuntimeAndFilters() throws IOException {
        bundle.seccomp = new SeccompChoice.RuntimeDefault();

        assertThat(status().get("Seccomp")).isEqualTo("2");
    }

    @Test
    void whatIsProtectedCannotBeReadOrWritten() throws IOException {
        bundle.readonlyRoot = true;
        assertThat(said("cd /sys/fs/cgroup; [ ! -d memory ] || cd memory; mkdir x 2>/dev/null || echo ro-cgroup;"
                        + " wc -c </proc/interrupts; ls /sys/firmware | wc -l;"
                        + " (echo x > /proc/sys/kernel/core_pattern) 2>/dev/null || echo ro-sys;"
                        + " (echo x > /proc/sysrq-trigger) 2>/dev/null || echo ro-sysrq;"
                        + " (touch /tmp/x) 2>/dev/null || echo ro-root;"
                        + " (touch /usr/x) 2>/dev/null || echo ro-usr;"
                        + " (mknod /dev/disk b 8 0 && head -c 1 /dev/disk) >/dev/null 2>&1 || echo no-disk;"
                        + " head -c 1 /dev/null && echo null"))
                .containsExactly("ro-cgroup", "0", "0", "ro-sys", "ro-sysrq", "ro-root", "ro-usr", "no-disk", "null");
    }

    @Test
    void namespacesAreTheContainersOwn() throws IOException {
        var said = said("hostname; echo $$; ls /sys/class/net; for each in net pid uts ipc mnt; do"
                + " readlink /proc/self/ns/$each; done");

        assertThat(said.subList(0, 3)).containsExactly("inside", "1", "lo");
        for (var each : said.subList(3, said.size())) {
            assertThat(List.of("net", "pid", "uts", "ipc", "mnt").stream()
                            .map(kind -> read(Path.of("/proc/self/ns/" + kind))))
                    .doesNotContain(each);
        }
    }

    private static String read(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void withTheHostsPidNamespaceWhatIsLeftIsFoundByItsGroup() throws IOException {
        bundle.pid = new Host();
        shell("setsid sleep 996 & exit 0");
        assertThat(awaitExit().code()).isZero();
        assertThat(cgroups.pids(cgroup))
                .as("it does not end with its first process")
                .hasSize(1);

        cgroups.killAll(cgroup);

        assertThat(cgroups.pids(cgroup)).isEmpty();
        runtime.delete(id, true);
        cgroups.remove(cgroup);
        assertThat(hasNoGroupWithin("")).isTrue();
    }

    @Test
    void usageIsCounted() throws IOException {
        shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exec sleep 1000");
        await(
                "some CPU time",
                () -> cgroups.usage(cgroup).orElseThrow().cpuNanos().orElse(0) > 0);

        var usage = cgroups.usage(cgroup).orElseThrow();
        assertThat(usage.memoryBytes().orElseThrow()).isPositive();
        assertThat(usage.workingSetBytes().orElseThrow())
                .isLessThanOrEqualTo(usage.memoryBytes().orElseThrow());
        assertThat(cgroups.usage(pod + "/none")).isEmpty();
    }
}
