package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.e2e.systemd.FakeSystemd;
import io.keelson.e2e.systemd.Trouble;
import io.keelson.proto.CgroupDriver;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.RuntimeConfigRequest;
import io.keelson.proto.UpdateContainerResourcesRequest;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Control groups by systemd: real runtimes and a real kernel, and a manager that stands in for systemd. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SystemdDriverIT {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String OWN_SLICE = "/keelson.slice";
    private static final long MIB = 1 << 20;
    private static final Duration GRACE = Duration.ofSeconds(1);

    @TempDir
    static Path directory;

    private FakeSystemd systemd;
    private Node node;
    private int pods;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        assumeTrue(FakeSystemd.isPossible(), "control groups of version 1 and dbus-daemon are needed");
        systemd = FakeSystemd.start(Files.createDirectories(directory.resolve("systemd")));
        var home = Files.createDirectories(directory.resolve("node/keelson.d")).getParent();
        Files.writeString(home.resolve("keelson.d/cgroups.toml"), """
                [runtime]
                cgroup_driver = "systemd"
                system_bus = "%s"
                """.formatted(systemd.address()));
        node = Node.start(home, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.pull(cri(), LifeScene.BUSYBOX);
    }

    @AfterAll
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        if (systemd != null) {
            systemd.close();
        }
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node == null) {
            return;
        }
        systemd.heal();
        Requests.removeAllPods(cri());
        Awaitility.await("the end of scopes").untilAsserted(() -> {
            assertThat(systemd.units()).isEmpty();
            assertThat(groups()).isEmpty();
        });
    }

    private Cri cri() {
        return node.cri();
    }

    /** The directories of pods' own slices, and of scopes. A caller's slices are the caller's. */
    private List<Path> groups() throws IOException {
        try (Stream<Path> hierarchies = Files.list(CGROUPS)) {
            return hierarchies
                    .flatMap(each -> Stream.of(each.resolve("keelson.slice"), each.resolve("system.slice")))
                    .flatMap(SystemdDriverIT::tree)
                    .filter(each -> each.getFileName()
                            .toString()
                            .matches("keelson-[0-9a-f]{64}\\.slice|(cri-)?keelson-.*\\.scope"))
                    .toList();
        }
    }

    private static Stream<Path> tree(Path directory) {
        try (Stream<Path> walk = Files.isDirectory(directory) ? Files.walk(directory) : Stream.empty()) {
            return walk.filter(Files::isDirectory).toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code a-b.slice} lies in {@code a.slice}. */
    private String slice(String name) {
        return node.place().cgroupParent().substring(1) + "-" + name + ".slice";
    }

    private static String directory(String slice) {
        var stem = slice.substring(0, slice.length() - ".slice".length()).split("-", -1);
        var path = new StringBuilder();
        for (var i = 1; i <= stem.length; i++) {
            path.append('/')
                    .append(String.join("-", List.of(stem).subList(0, i)))
                    .append(".slice");
        }
        return path.toString();
    }

    private PodSandboxConfig.Builder pod(String parent) {
        var pod = Requests.pod(node.place(), "systemd-" + ++pods);
        pod.getLinuxBuilder().setCgroupParent(parent);
        return pod;
    }

    /** One whose group is its own, with a limit of memory. */
    private PodSandboxConfig limited(long bytes) {
        var pod = pod("");
        pod.getLinuxBuilder()
                .setResources(LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(bytes)
                        .setCpuShares(512)
                        .setCpuPeriod(100_000)
                        .setCpuQuota(50_000))
                .setOverhead(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(MIB));
        return pod.build();
    }

    private static ContainerConfig container(long memory) {
        return LifeScene.idle("c")
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(memory)))
                .build();
    }

    private static String read(String hierarchy, String group, String file) throws IOException {
        return Files.readString(
                        CGROUPS.resolve(hierarchy).resolve(group.substring(1)).resolve(file))
                .strip();
    }

    private static long memoryLimit(String group) throws IOException {
        return Long.parseLong(read("memory", group, "memory.limit_in_bytes"));
    }

    private static Code code(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run)
                .getStatus()
                .getCode();
    }

    @Test
    void kubeletIsToldOfTheDriver() {
        assertThat(cri().runtime(Requests.DEADLINE)
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver())
                .isEqualTo(CgroupDriver.SYSTEMD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aPodLivesInItsSliceAndItsProcessesInScopes(String handler) throws IOException, InterruptedException {
        var slice = slice("burstable-pod1");
        var config = pod(slice);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setPid(NamespaceMode.POD);
        var pod = config.build();
        var podId = Requests.run(cri(), pod, handler);
        assertThat(systemd.units()).containsExactly("keelson-init-" + podId + ".scope");
        assertThat(read("pids", directory(slice) + "/keelson-init-" + podId + ".scope", "cgroup.procs"))
                .isNotEmpty();

        var id = Requests.start(cri(), podId, pod, container(64 * MIB));
        var scope = directory(slice) + "/cri-keelson-" + id + ".scope";
        var pid = Long.toString(LifeScene.JSON
                .readTree(Requests.inspect(cri(), id).getInfoOrThrow("info"))
                .at("/pid")
                .longValue());
        for (var hierarchy : List.of("systemd", "memory", "cpu", "pids", "devices", "freezer")) {
            assertThat(read(hierarchy, scope, "cgroup.procs")).as(hierarchy).contains(pid);
        }
        assertThat(memoryLimit(scope)).isEqualTo(64 * MIB);
        assertThat(systemd.properties("cri-keelson-" + id + ".scope"))
                .containsEntry("Slice", slice)
                .containsEntry("Delegate", true);
        Awaitility.await("the monitor's scope")
                .until(() -> systemd.units().contains("keelson-conmon-" + id + ".scope"));
        assertThat(read("systemd", "/system.slice/keelson-conmon-" + id + ".scope", "cgroup.procs"))
                .doesNotContain(pid);
        var said =
                Requests.exec(cri(), id, "cat", "/proc/self/cgroup").getStdout().toStringUtf8();
        assertThat(said).contains(":pids:" + scope);

        update(id, 32 * MIB);
        assertThat(memoryLimit(scope)).isEqualTo(32 * MIB);

        node.kill();
        node.restart();
        assertThat(Requests.status(cri(), id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(Requests.exec(cri(), id, "true").getExitCode()).isZero();
        Requests.stop(cri(), id, GRACE);
        assertThat(Requests.status(cri(), id).getExitCode()).isEqualTo(143);
        Requests.remove(cri(), id);
        Awaitility.await("the end of its scopes")
                .untilAsserted(() -> assertThat(systemd.units()).containsExactly("keelson-init-" + podId + ".scope"));
        assertThat(CGROUPS.resolve("memory" + scope)).doesNotExist();
    }

    private void update(String id, long memory) {
        var _ = cri().runtime(Requests.DEADLINE)
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id)
                        .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(memory))
                        .build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aPodWithoutASliceGetsOneWithItsLimits(String handler) throws IOException {
        var pod = limited(64 * MIB);
        var podId = Requests.run(cri(), pod, handler);
        var group = OWN_SLICE + "/keelson-" + podId + ".slice";
        assertThat(memoryLimit(group)).as("with its overhead").isEqualTo(65 * MIB);
        assertThat(read("cpu", group, "cpu.shares")).isEqualTo("512");
        assertThat(read("cpu", group, "cpu.cfs_quota_us")).isEqualTo("50000");

        var id = Requests.start(cri(), podId, pod, container(32 * MIB));
        assertThat(memoryLimit(group + "/cri-keelson-" + id + ".scope")).isEqualTo(32 * MIB);

        updatePod(podId, 128 * MIB);
        assertThat(memoryLimit(group)).isEqualTo(129 * MIB);
        assertThat(read("cpu", group, "cpu.cfs_quota_us")).as("no longer said").isEqualTo("-1");
        Requests.removePod(cri(), podId);
        assertThat(groups()).noneMatch(each -> each.toString().contains(podId));
    }

    private void updatePod(String id, long memory) {
        var _ = cri().runtime(Requests.DEADLINE)
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(memory))
                        .build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/kubepods/pod1", "kubepods.scope", "-.slice", "a--b.slice", "/other.slice/a-b.slice"})
    void aParentThatIsNoSliceIsRefused(String parent) {
        assertThat(code(() -> Requests.run(cri(), pod(parent).build()))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(listed()).isZero();
    }

    private int listed() {
        return cri().runtime(Requests.DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsCount();
    }

    /** A trouble a row: what systemd does, and what a caller hears. */
    @ParameterizedTest
    @CsvSource({
        "DENIED,          PERMISSION_DENIED,   AccessDenied",
        "INVALID,         INVALID_ARGUMENT,    InvalidArgs",
        "READ_ONLY,       FAILED_PRECONDITION, PropertyReadOnly",
        "JOB_FAILS,       UNAVAILABLE,         failed",
        "JOB_IS_CANCELED, UNAVAILABLE,         canceled",
        "JOB_TIMES_OUT,   UNAVAILABLE,         timeout",
    })
    void whatSystemdDoesNotDoIsSaidAndNothingIsLeft(Trouble trouble, Code expected, String word) throws IOException {
        systemd.trouble(65 * MIB, trouble);
        var failure = catchThrowableOfType(StatusRuntimeException.class, () -> Requests.run(cri(), limited(64 * MIB)));
        assertRefused(failure, expected, word);
        assertThat(listed()).isZero();
        assertThat(systemd.units()).isEmpty();

        systemd.heal();
        var podId = Requests.run(cri(), limited(64 * MIB));
        systemd.trouble(129 * MIB, trouble);
        if (failure.getStatus().getCode() != Code.UNAVAILABLE) {
            // A change of properties is no job.
            assertRefused(
                    catchThrowableOfType(StatusRuntimeException.class, () -> updatePod(podId, 128 * MIB)),
                    expected,
                    word);
            assertThat(systemd.properties("keelson-" + podId + ".slice").get("MemoryLimit"))
                    .hasToString(Long.toString(65 * MIB));
        }
    }

    private static void assertRefused(StatusRuntimeException failure, Code expected, String word) {
        assertThat(failure.getStatus().getCode()).isEqualTo(expected);
        assertThat(failure.getStatus().getDescription())
                .contains(word)
                .contains(".slice")
                .contains("pod");
    }

    @Test
    void aSystemdThatNeverAnswersIsNotWaitedForForEver() throws Exception {
        systemd.trouble(65 * MIB, Trouble.JOB_NEVER_ENDS);
        systemd.trouble(33 * MIB, Trouble.NO_ANSWER);

        var asked = List.of(limited(64 * MIB), limited(32 * MIB));

        var failures = Together.all(
                asked.size(),
                number -> catchThrowableOfType(
                        StatusRuntimeException.class, () -> Requests.run(cri(), asked.get(number))));

        assertRefused(failures.getFirst(), Code.DEADLINE_EXCEEDED, "does not end");
        assertRefused(failures.getLast(), Code.DEADLINE_EXCEEDED, "does not answer");
        assertThat(listed()).isZero();
    }

    @Test
    void aBusThatIsGoneIsSaidAndFoundAgain() throws IOException {
        var podId = Requests.run(cri(), limited(64 * MIB));
        systemd.stopBus();

        assertRefused(
                catchThrowableOfType(StatusRuntimeException.class, () -> Requests.run(cri(), limited(64 * MIB))),
                Code.UNAVAILABLE,
                systemd.address());
        assertRefused(
                catchThrowableOfType(StatusRuntimeException.class, () -> updatePod(podId, 128 * MIB)),
                Code.UNAVAILABLE,
                systemd.address());
        assertThat(memoryLimit(OWN_SLICE + "/keelson-" + podId + ".slice")).isEqualTo(65 * MIB);
        assertThat(code(() -> Requests.removePod(cri(), podId))).isEqualTo(Code.UNAVAILABLE);
        assertThat(Requests.podStatus(cri(), podId).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(listed()).as("a pod whose slice stays is not forgotten").isEqualTo(1);

        systemd.startBus();
        Requests.removePod(cri(), podId);
        assertThat(listed()).isZero();
    }

    @Test
    void aBusThatIsLostWhileSystemdIsAskedIsSaid() throws Exception {
        systemd.trouble(65 * MIB, Trouble.JOB_NEVER_ENDS);
        systemd.trouble(33 * MIB, Trouble.NO_ANSWER);
        var unanswered = systemd.unanswered();
        var asked = List.of(limited(64 * MIB), limited(32 * MIB));

        Thread.startVirtualThread(() -> {
            Awaitility.await("both that are asked for")
                    .until(() -> systemd.units().size() == 1 && systemd.unanswered() > unanswered);
            systemd.stopBus();
        });
        var failures = Together.all(
                asked.size(),
                number -> catchThrowableOfType(
                        StatusRuntimeException.class, () -> Requests.run(cri(), asked.get(number))));

        assertThat(failures).allSatisfy(each -> assertRefused(each, Code.UNAVAILABLE, systemd.address()));
    }

    /** As runtimes leave it: the unit and the container are there, the daemon was killed before it knew. */
    @Test
    void aPodWhoseSliceWasMadeAndNotMoreIsUndoneByTheNextDaemon() throws IOException, InterruptedException {
        var podId = Requests.run(cri(), limited(64 * MIB));
        node.kill();
        ManyRecords.forgetStatus(node.place().root(), podId);

        node.restart();

        assertThat(listed()).isZero();
        assertThat(systemd.units()).isEmpty();
    }
}
