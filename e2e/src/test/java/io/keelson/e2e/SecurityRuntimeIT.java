package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerState;
import io.keelson.proto.IDMapping;
import io.keelson.proto.Int64Value;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.UserNamespace;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong elsewhere between a runtime, its monitors, its files and the node (docs/security-tests.md, 1h). */
class SecurityRuntimeIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int BOMBS = 3;
    private static final int SWAPPED_STARTS = 8;
    private static final int OVERWRITES = 10;
    /** A sysctl of the node that harms nobody, and what a container tries to put there. */
    private static final Path CANARY = Path.of("/proc/sys/kernel/printk_ratelimit_burst");

    private static final String CANARY_DEAD = "77";
    private static final String NOBODY = "65534";
    private static final int SOMEBODY = 4321;

    @TempDir
    static Path directory;

    private static Node node;
    private static StreamScene crun;
    private static StreamScene runc;
    private static int containers;

    @BeforeAll
    static void startNode() throws Exception {
        // As an older version, or an operator, may have left them.
        for (var tree : List.of("root", "state")) {
            Files.setPosixFilePermissions(
                    Files.createDirectory(directory.resolve(tree)), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        var spy = Files.writeString(
                directory.resolve("spy"), """
                #!/bin/sh
                ls -l /proc/$$/fd >>%s
                echo "$@" >>%s
                exec /usr/bin/crun "$@"
                """.formatted(directory.resolve("spied"), directory.resolve("told")));
        Files.setPosixFilePermissions(spy, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(
                Files.createDirectory(directory.resolve("keelson.d")).resolve("spy.toml"), """
                [runtime.handlers.spy]
                program = "%s"
                """.formatted(spy));
        node = StreamScene.node(directory);
        crun = StreamScene.by("crun", node, "crun");
        runc = StreamScene.by("runc", node, "runc");
    }

    @AfterAll
    static void nothingIsLeft() throws Exception {
        try {
            if (runc != null) {
                // Each scene looks for whatever was not there when it began: of the other one, too.
                Requests.removePod(node.cri(), crun.podId());
                runc.end();
                crun.end();
            }
        } finally {
            if (node != null) {
                node.close();
            }
        }
    }

    private static StreamScene by(String handler) {
        return handler.equals("runc") ? runc : crun;
    }

    /** With a name that no other has. */
    private static ContainerConfig.Builder shell(String script) {
        var name = "c" + ++containers;
        return StreamScene.shell(script)
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setLogPath(name + ".log");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/self/fd/3",
                "/proc/self/fd/8",
                "/proc/self/fd/30",
                "/proc/1/fd/7",
                "//proc/./self/../self/fd/7",
                "/proc/thread-self/fd/7",
                "/proc/self/cwd",
                "/proc/self/root"
            })
    @Tag("T57")
    void aWorkingDirectoryAmongOpenFilesIsRefused(String workingDirectory) {
        for (var scene : List.of(crun, runc)) {
            Refused.with(
                    Code.INVALID_ARGUMENT,
                    () -> scene.start(shell("true").setWorkingDir(workingDirectory)),
                    "working directory",
                    workingDirectory);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T57")
    void aContainerHasNoOpenFileOfTheNode(String handler) throws Exception {
        var scene = by(handler);
        var container = scene.start(shell("exec sleep 100000").setStdin(true));
        var monitor = NodeProcesses.monitor(node.place(), container);

        assertThat(NodeProcesses.descriptors(NodeProcesses.onlyChild(monitor)))
                .hasSize(3)
                .allMatch(descriptor -> descriptor.matches("[012] (pipe:\\[\\d+]|/dev/null)"));
        // Those of ls itself: its three streams, and the directory that it reads.
        assertThat(scene.ask(container, "ls", "-l", "/proc/self/fd").lines().filter(line -> line.contains("->")))
                .allMatch(line -> line.matches(".* ([012] -> (pipe:\\[\\d+]|/dev/null)|3 -> /proc/\\d+/fd)"));

        // Nothing of the daemon's is open in a monitor: no socket that both have, and no file but the container's own.
        assertThat(NodeProcesses.socketInodes(monitor))
                .doesNotContainAnyElementsOf(NodeProcesses.socketInodes(node.pid()));
        assertThat(NodeProcesses.descriptors(monitor))
                .filteredOn(descriptor -> descriptor.contains(node.place().directory() + "/"))
                .allMatch(descriptor -> descriptor.contains(container)
                        || descriptor.contains(node.place().logs() + "/"));
        Requests.remove(node.cri(), container);
    }

    /** Nor does it hear on its command line who a process is: that is in JSON alone. */
    @Test
    @Tag("T16")
    @Tag("T57")
    void aRuntimeGetsItsStreamsAndPipesAndNothingElse() throws Exception {
        var spied = StreamScene.by("spy", node, "spied");
        try {
            var config = shell("exec sleep 100000").setStdin(true);
            config.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setRunAsUser(Int64Value.newBuilder().setValue(SOMEBODY));
            var container = spied.start(config);
            spied.ask(container, "true");
            try (var client = spied.exec(StreamProtocol.SPDY, container, Redirect.PIPE, "true")) {
                client.await();
            }
            Requests.stop(node.cri(), container, Duration.ZERO);
        } finally {
            spied.end();
        }
        var open = Files.readAllLines(directory.resolve("spied")).stream()
                .filter(line -> line.contains("->"))
                .toList();
        assertThat(open).hasSizeGreaterThan(12).allMatch(SecurityRuntimeIT::isMeantForARuntime);
        assertThat(Files.readAllLines(directory.resolve("told")))
                .filteredOn(line -> line.contains(" exec "))
                .hasSize(2)
                .noneMatch(line -> line.matches(".* (-u|--user|--additional-gids)[ =].*"));
    }

    /** The shell has its script open as number 10 or so, and while it looks, its own output as 1 and what was there as 11. */
    private static boolean isMeantForARuntime(String line) {
        return line.matches(".* (\\d+ -> (pipe:\\[\\d+]|/dev/null|%s)|1 -> %s)"
                .formatted(directory.resolve("spy"), directory.resolve("spied")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T58")
    void filesThatAreSwappedDuringAStartOpenNoWayToTheNode(String handler) throws Exception {
        var before = Files.readString(CANARY);
        assertThat(before.strip()).isNotEqualTo(CANARY_DEAD);
        var scene = by(handler);
        var shared = Files.createDirectories(directory.resolve("shared-" + handler));
        Files.createDirectories(shared.resolve("pts"));
        Files.createDirectories(shared.resolve("shm"));
        var swapper = scene.start(mounted(shell("""
                        cd /shared
                        while :; do
                          rm -f null console; ln -s %s null; ln -s %s console
                          rm -f null console; mknod null c 1 3; mknod console c 5 1
                        done
                        """.formatted(CANARY, CANARY)), shared, "/shared"));
        try {
            for (var i = 0; i < SWAPPED_STARTS; i++) {
                startAndWriteEverywhere(scene, shared);
            }
            assertThat(Files.readString(CANARY)).isEqualTo(before);
        } finally {
            Files.writeString(CANARY, before);
            Requests.remove(node.cri(), swapper);
        }
    }

    private static ContainerConfig.Builder mounted(ContainerConfig.Builder container, Path shared, String where) {
        return container.addMounts(
                Mount.newBuilder().setHostPath(shared.toString()).setContainerPath(where));
    }

    /** It may fail to start; it must not get to what is masked. */
    private static void startAndWriteEverywhere(StreamScene scene, Path shared) {
        var victim = mounted(
                shell("for f in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /proc/latency_stats; do" + " echo "
                                + CANARY_DEAD + " >$f; done; exec sleep 100000")
                        .setTty(true),
                shared,
                "/dev");
        victim.getLinuxBuilder()
                .getSecurityContextBuilder()
                .addAllMaskedPaths(List.of("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi"));
        try {
            Requests.remove(node.cri(), scene.start(victim));
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isNotIn(Code.UNKNOWN, Code.INTERNAL);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T59")
    void theRuntimesFileStaysAsItIs(String handler) throws Exception {
        var program = handler.equals("crun") ? Path.of("/usr/bin/crun") : Path.of(Program.required("keelson.runc"));
        var before = digest(program);
        var scene = by(handler);
        var target = scene.start(shell("exec sleep 100000"));
        for (var i = 0; i < OVERWRITES; i++) {
            attempt(() -> scene.start(
                    shell("").clearCommand().addCommand("/proc/self/exe").addArgs("--version")));
            attempt(() -> scene.ask(target, "/proc/self/exe"));
            attempt(() ->
                    scene.ask(target, "sh", "-c", "for p in /proc/[0-9]*/exe; do echo x 2>/dev/null >$p; done; true"));
        }
        Requests.remove(node.cri(), target);

        assertThat(digest(program)).isEqualTo(before);
    }

    private static void attempt(Runnable something) {
        try {
            something.run();
        } catch (StatusRuntimeException e) {
            // A refusal is as good.
        }
    }

    private static String digest(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    @Tag("T60")
    void hugeInputsAreRefusedBeforeAnyRuntimeSeesThem() {
        var huge = "x".repeat(5 << 20);
        var before = podCount();
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.run(
                        node.cri(),
                        Requests.pod(node.place(), "huge")
                                .putAnnotations("a", huge)
                                .build()),
                "annotations");
        Refused.with(Code.INVALID_ARGUMENT, () -> crun.start(shell("true").putAnnotations("a", huge)), "annotations");
        var mappings = Requests.pod(node.place(), "mappings");
        var users = UserNamespace.newBuilder();
        for (var i = 0; i < 20_000; i++) {
            var mapping = IDMapping.newBuilder()
                    .setContainerId(2 * i)
                    .setHostId(100_000 + 2 * i)
                    .setLength(1);
            users.addUids(mapping).addGids(mapping);
        }
        mappings.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(users);
        Refused.with(Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), mappings.build()));
        assertThat(podCount()).isEqualTo(before);
    }

    private static int podCount() {
        return node.cri()
                .runtime(Requests.DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsCount();
    }

    @Test
    @Tag("T60")
    void anAnnotationMakesNoVirtualMachine() {
        var container = crun.start(shell("exec sleep 100000")
                .putAnnotations("run.oci.handler", "krun")
                .putAnnotations("krun.cpus", "1"));

        assertThat(crun.ask(container, "echo", "here")).isEqualTo("here\n");
        // Debian's crun could not make one anyway: so what it is told is looked at.
        var info = Requests.inspect(node.cri(), container).getInfoMap().get("info");
        assertThat(info.substring(info.indexOf("\"runtimeSpec\""))).doesNotContain("run.oci.handler", "krun.cpus");
        Requests.remove(node.cri(), container);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T61")
    void aMonitorOutlivesTheMemoryOfItsContainer(String handler) throws Exception {
        var scene = by(handler);
        for (var i = 0; i < BOMBS; i++) {
            var container = scene.start(shell("read go; x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done")
                    .setStdin(true)
                    .setLinux(LinuxContainerConfig.newBuilder()
                            .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(24 << 20))));
            var monitor = NodeProcesses.monitor(node.place(), container);
            Awaitility.await("a group of its own")
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(Files.readString(Path.of("/proc/" + monitor + "/cgroup")))
                            .doesNotContain(container)
                            .doesNotContain(node.place().cgroupParent()));
            assertProtected(monitor);
            go(scene, container);

            Awaitility.await().atMost(SOON).untilAsserted(() -> {
                var status = Requests.status(node.cri(), container);
                assertThat(status.getReason()).isEqualTo("OOMKilled");
                assertThat(status.getExitCode()).isEqualTo(137);
            });
            Requests.remove(node.cri(), container);
            assertThat(Files.exists(Path.of("/proc/" + monitor))).isFalse();
        }
    }

    /** Where the kernel does not permit that, it is said once. */
    private static void assertProtected(long monitor) throws IOException {
        var score =
                Files.readString(Path.of("/proc/" + monitor + "/oom_score_adj")).strip();
        if (!score.equals("-1000")) {
            assertThat(node.log().lines().filter(line -> line.contains("monitors-not-protected")))
                    .as("monitor %d has %s", monitor, score)
                    .hasSize(1);
        }
    }

    private static void go(StreamScene scene, String container) throws IOException {
        try (var client = scene.attach(StreamProtocol.SPDY, container, Redirect.PIPE)) {
            client.type("go\n");
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(
                                    Requests.status(node.cri(), container).getState())
                            .isEqualTo(ContainerState.CONTAINER_EXITED));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T62")
    @Tag("K2")
    void aMonitorThatCrashesTakesItsContainerWithItAloud(String handler) throws Exception {
        var scene = by(handler);
        var config = shell("echo kept; exec sleep 100000");
        var container = scene.start(config);
        var log = node.place().logs().resolve(handler).resolve(config.getLogPath());
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(log).content().contains("kept"));
        var monitor = NodeProcesses.monitor(node.place(), container);
        var process = NodeProcesses.onlyChild(monitor);

        Program.run(directory, List.of("kill", "-SEGV", Long.toString(monitor))).expectSuccess();

        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            var status = Requests.status(node.cri(), container);
            assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(status.getExitCode()).isNotZero();
            assertThat(status.getReason()).isNotBlank();
            assertThat(status.getMessage()).contains("monitor");
            assertThat(status.getFinishedAt()).isPositive();
            assertThat(Files.exists(Path.of("/proc/" + process))).isFalse();
        });
        assertThat(log).content().contains("kept");
        Requests.remove(node.cri(), container);
    }

    @Test
    @Tag("T65")
    void nobodyButItsOwnerSeesWhatIsInTheDirectories() throws Exception {
        var container = crun.start(shell("exec sleep 100000"));
        var all = new ArrayList<String>();
        for (var tree : List.of(node.place().root(), node.place().state())) {
            try (var paths = Files.walk(tree)) {
                paths.filter(path -> !path.equals(tree)
                                && Files.isDirectory(path)
                                && path.getNameCount() < tree.getNameCount() + 4)
                        .forEach(path -> all.add(path.toString()));
            }
        }
        assertThat(all).hasSizeGreaterThan(20);
        // So that a failure is that of the directories and not of what is above them.
        Program.run(directory, asNobody("stat", node.place().root().toString())).expectSuccess();

        var seen = Program.run(directory, asNobody(all, "stat", "--format=%n"));

        assertThat(seen.stdout()).isEmpty();
        assertThat(seen.stderr().lines()).hasSize(all.size()).allMatch(line -> line.contains("Permission denied"));
        Requests.remove(node.cri(), container);
    }

    private static List<String> asNobody(String... command) {
        return asNobody(List.of(), command);
    }

    private static List<String> asNobody(List<String> more, String... command) {
        var line = new ArrayList<>(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        line.addAll(List.of(command));
        line.addAll(more);
        return line;
    }

    @Test
    @Tag("T57")
    @Tag("T58")
    @Tag("T59")
    @Tag("T64")
    void whatIsOlderThanItShouldBeIsSaidAndIsNoReasonNotToWork() {
        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            var conditions = node.cri()
                    .runtime(Requests.DEADLINE)
                    .status(StatusRequest.getDefaultInstance())
                    .getStatus()
                    .getConditionsList();
            assertThat(conditions).extracting(RuntimeCondition::getType).contains("VersionFloorsMet");
            for (var condition : conditions) {
                assertThat(condition.getStatus()).isEqualTo(!condition.getType().equals("VersionFloorsMet"));
                if (!condition.getStatus()) {
                    assertThat(condition.getMessage()).contains("runc 1.4.0", "1.4.3", "crun 1.", "CNI plugin bridge");
                }
            }
        });
    }
}
