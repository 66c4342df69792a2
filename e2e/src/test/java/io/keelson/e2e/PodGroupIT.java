package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cgroup of a pod: its limits where the group is the pod's own, and the pod's own process in it. */
@Timeout(120)
class PodGroupIT {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long MIB = 1 << 20;

    private final Node node = LifeScene.node();
    private Leftovers leftovers;
    private List<Path> groups;

    @BeforeEach
    void look() throws IOException, InterruptedException {
        assumeTrue(!LifeScene.isUnified(), "the files that are looked at are those of cgroup version 1");
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        groups = ownGroups();
    }

    @AfterEach
    void nothingIsLeft() throws IOException, InterruptedException {
        Requests.removeAllPods(cri());
        leftovers.assertNone();
        assertThat(ownGroups()).isEqualTo(groups);
    }

    /** Those of pods for which nobody named a parent. Other daemons on this machine may have some as well. */
    private static List<Path> ownGroups() throws IOException {
        try (Stream<Path> hierarchies = Files.list(CGROUPS)) {
            return hierarchies
                    .map(each -> each.resolve("keelson"))
                    .filter(Files::isDirectory)
                    .flatMap(each -> Stream.of(each.toFile().listFiles()))
                    .map(each -> each.toPath())
                    .filter(each -> each.getFileName().toString().matches("[0-9a-f]{64}"))
                    .sorted()
                    .toList();
        }
    }

    private Cri cri() {
        return node.cri();
    }

    private static LinuxContainerResources.Builder memory(long bytes) {
        return LinuxContainerResources.newBuilder().setMemoryLimitInBytes(bytes);
    }

    private PodSandboxConfig limited(String name, LinuxContainerResources.Builder resources) {
        var pod = Requests.pod(node.place(), name);
        pod.getLinuxBuilder().clearCgroupParent().setResources(resources).setOverhead(memory(16 * MIB));
        return pod.build();
    }

    private static String read(String podId, String controller, String file) throws IOException {
        return Files.readString(CGROUPS.resolve(controller)
                        .resolve("keelson")
                        .resolve(podId)
                        .resolve(file))
                .strip();
    }

    private static void assertMemory(String podId, long bytes) throws IOException {
        assertThat(read(podId, "memory", "memory.limit_in_bytes")).isEqualTo(Long.toString(bytes));
    }

    private void update(String podId, LinuxContainerResources.Builder resources) {
        var _ = cri().runtime(Requests.DEADLINE)
                .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .setResources(resources)
                        .build());
    }

    private int listed() {
        return cri().runtime(Requests.DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsCount();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T20")
    void thePodsOwnLimitIsTheKernelsAndEndsWhatGoesBeyondIt(String handler) throws IOException {
        var pod = limited(
                "own-" + handler,
                memory(48 * MIB).setCpuShares(512).setCpuPeriod(50_000).setCpuQuota(25_000));
        var id = Requests.run(cri(), pod, handler);
        assertMemory(id, 64 * MIB);
        assertThat(read(id, "cpu", "cpu.shares")).isEqualTo("512");
        assertThat(read(id, "cpu", "cpu.cfs_period_us")).isEqualTo("50000");
        assertThat(read(id, "cpu", "cpu.cfs_quota_us")).isEqualTo("25000");

        var bomb = Requests.start(
                cri(),
                id,
                pod,
                LifeScene.container("bomb", "dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1")
                        .build());
        LifeScene.assertExited(LifeScene.awaitExit(bomb), 137, "OOMKilled");

        update(id, memory(80 * MIB));
        assertMemory(id, 96 * MIB);
        assertThat(read(id, "cpu", "cpu.cfs_quota_us")).as("no longer said").isEqualTo("-1");
    }

    @Test
    void limitsThatTheKernelRefusesAreTakenBackWhole() throws IOException {
        var impossible = memory(48 * MIB).setCpuShares(512).setCpuPeriod(5).setCpuQuota(25_000);
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.run(cri(), limited("impossible", impossible)),
                "impossible",
                "cpu.cfs_period_us");
        assertThat(listed()).isZero();
        assertThat(ownGroups()).isEqualTo(groups);

        var id = Requests.run(cri(), limited("possible", memory(32 * MIB)));
        Refused.with(Code.INVALID_ARGUMENT, () -> update(id, impossible), id, "cpu.cfs_period_us");
        assertMemory(id, 48 * MIB);
        assertThat(read(id, "cpu", "cpu.shares")).isEqualTo("1024");
    }

    /** Both kills leave on disk and in the kernel what is made here by hand. */
    @Test
    void aDaemonThatIsKilledWhileItWritesLimitsIsFinishedOrUndoneByTheNext() throws IOException, InterruptedException {
        var made = Requests.run(cri(), limited("half-made", memory(32 * MIB)));
        var changed = Requests.run(cri(), limited("half-changed", memory(32 * MIB)));
        var pods = node.place().root().resolve("pods");
        var note = pods.resolve(changed).resolve("update.json");
        node.kill();
        try {
            ManyRecords.forgetStatus(node.place().root(), made);
            Files.writeString(note, "{}");
            Files.writeString(CGROUPS.resolve("memory/keelson/" + changed + "/memory.limit_in_bytes"), "" + 20 * MIB);
        } finally {
            // Other tests are on this node.
            node.restart();
        }

        assertThat(listed()).as("the one that was ready").isEqualTo(1);
        assertThat(ownGroups()).noneMatch(each -> each.toString().contains(made));
        assertMemory(changed, 48 * MIB);
        assertThat(note).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aPodWhoseInitIsKilledIsNotReadyAndLeavesNothing(String handler) throws IOException {
        var config = Requests.pod(node.place(), "init-" + handler);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setPid(NamespaceMode.POD);
        var pod = config.build();
        var podId = Requests.run(cri(), pod, handler);
        var containers = List.of(
                Requests.start(cri(), podId, pod, LifeScene.idle("one").build()),
                Requests.start(cri(), podId, pod, LifeScene.idle("two").build()));
        var init = CGROUPS.resolve("pids" + node.place().cgroupParent() + "/keelson-init-" + podId);
        var pid = Long.parseLong(Files.readString(init.resolve("cgroup.procs")).strip());
        assertThat(Files.readString(Path.of("/proc/" + pid + "/comm")).strip()).isEqualTo("catatonit");

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        Awaitility.await("the pod's end")
                .atMost(LifeScene.PATIENCE)
                .until(() -> Requests.podStatus(cri(), podId).getState() == PodSandboxState.SANDBOX_NOTREADY);
        containers.forEach(id -> LifeScene.assertExited(LifeScene.awaitExit(id), 137, "Error"));
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> Requests.create(cri(), podId, pod, LifeScene.idle("three").build()),
                podId);

        var _ = cri().runtime(Requests.DEADLINE)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build());
        assertThat(init).doesNotExist();
        assertThat(Requests.podStatus(cri(), podId).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        var _ = cri().runtime(Requests.DEADLINE)
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build());
        assertThat(listed()).isZero();
    }
}
