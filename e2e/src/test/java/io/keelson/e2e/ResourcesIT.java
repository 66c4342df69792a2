package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.HugepageLimit;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What containers may use of the machine, read back from the kernel's files, by each OCI runtime. */
class ResourcesIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final List<String> IDLE = List.of("sleep", "100000");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final boolean IS_VERSION_2 = Files.exists(CGROUPS.resolve("cgroup.controllers"));
    private static final long MEBIBYTE = 1 << 20;

    /** What runc itself needs, and crun. */
    private static final Map<String, Long> LEAST_BYTES = Map.of("runc", 12 * MEBIBYTE, "crun", 500L << 10);

    @TempDir
    static Path directory;

    private static Node node;

    private Leftovers leftovers;
    private PodSandboxConfig pod;
    private String podId = "";

    @BeforeAll
    static void startNode() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void endNode() {
        if (node != null) {
            node.close();
        }
    }

    private void runPod(String handler) throws Exception {
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        pod = Requests.pod(node.place(), "resources").build();
        podId = Requests.run(node.cri(), pod, handler);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private static ContainerConfig container(String name, Consumer<LinuxContainerResources.Builder> limits) {
        var resources = LinuxContainerResources.newBuilder();
        limits.accept(resources);
        return Requests.container(name, BUSYBOX, IDLE)
                .setLinux(LinuxContainerConfig.newBuilder().setResources(resources))
                .build();
    }

    /** A file of the container's cgroup: by its controller with version 1. */
    private static String cgroupFile(String container, String controller, String version1, String version2)
            throws IOException {
        var info = JsonMapper.shared()
                .readTree(Requests.inspect(node.cri(), container).getInfoOrThrow("info"));
        var group = info.at("/record/cgroup").stringValue().substring(1);
        var file = IS_VERSION_2
                ? CGROUPS.resolve(group).resolve(version2)
                : CGROUPS.resolve(controller).resolve(group).resolve(version1);
        return Files.readString(file).strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void limitsAreWhereTheKernelKeepsThem(String handler) throws Exception {
        runPod(handler);
        var id = Requests.start(
                node.cri(),
                podId,
                pod,
                container(
                        "limited",
                        limits -> limits.setCpuPeriod(50_000)
                                .setCpuQuota(25_000)
                                .setCpuShares(512)
                                .setCpusetCpus("0")
                                .setCpusetMems("0")
                                .setOomScoreAdj(500)
                                .setMemoryLimitInBytes(64 * MEBIBYTE)));

        assertThat(cgroupFile(id, "memory", "memory.limit_in_bytes", "memory.max"))
                .isEqualTo("" + 64 * MEBIBYTE);
        assertThat(cgroupFile(id, "cpuset", "cpuset.cpus", "cpuset.cpus")).isEqualTo("0");
        assertThat(cgroupFile(id, "cpuset", "cpuset.mems", "cpuset.mems")).isEqualTo("0");
        assertThat(Requests.exec(node.cri(), id, "cat", "/proc/1/oom_score_adj")
                        .getStdout()
                        .toStringUtf8())
                .isEqualTo("500\n");
        if (IS_VERSION_2) {
            assertThat(cgroupFile(id, "", "", "cpu.max")).isEqualTo("25000 50000");
        } else {
            assertThat(cgroupFile(id, "cpu", "cpu.cfs_quota_us", "")).isEqualTo("25000");
            assertThat(cgroupFile(id, "cpu", "cpu.cfs_period_us", "")).isEqualTo("50000");
            assertThat(cgroupFile(id, "cpu", "cpu.shares", "")).isEqualTo("512");
        }
        var said = Requests.status(node.cri(), id).getResources().getLinux();
        assertThat(said.getMemoryLimitInBytes()).isEqualTo(64 * MEBIBYTE);
        assertThat(said.getCpuShares()).isEqualTo(512);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void thereIsNoSwapBeyondTheMemoryLimitUnlessItIsAskedFor(String handler) throws Exception {
        assumeTrue(
                IS_VERSION_2 || Files.exists(CGROUPS.resolve("memory/memory.memsw.limit_in_bytes")),
                "this kernel does not count swap");
        runPod(handler);
        var without = Requests.start(
                node.cri(), podId, pod, container("without", limits -> limits.setMemoryLimitInBytes(64 * MEBIBYTE)));
        var with = Requests.start(
                node.cri(),
                podId,
                pod,
                container(
                        "with",
                        limits ->
                                limits.setMemoryLimitInBytes(64 * MEBIBYTE).setMemorySwapLimitInBytes(96 * MEBIBYTE)));

        assertThat(cgroupFile(without, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max"))
                .isEqualTo(IS_VERSION_2 ? "0" : "" + 64 * MEBIBYTE);
        assertThat(cgroupFile(with, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max"))
                .isEqualTo("" + (IS_VERSION_2 ? 32 : 96) * MEBIBYTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void whatCannotBeKeptIsRefusedAndNothingIsLeft(String handler) throws Exception {
        runPod(handler);
        var before = Leftovers.before(node.place(), ImageLayout::isPartOf);
        var least = LEAST_BYTES.get(handler);

        refused(Code.INVALID_ARGUMENT, limits -> limits.setMemoryLimitInBytes(least - 1), "memory limit", "" + least);
        refused(Code.INVALID_ARGUMENT, limits -> limits.setMemoryLimitInBytes(-2), "memory limit");
        refused(
                Code.INVALID_ARGUMENT,
                limits -> limits.setMemoryLimitInBytes(64 * MEBIBYTE).setMemorySwapLimitInBytes(64 * MEBIBYTE - 1),
                "swap");
        refused(Code.INVALID_ARGUMENT, limits -> limits.setCpuShares(1), "shares");
        refused(Code.INVALID_ARGUMENT, limits -> limits.setCpuPeriod(999), "period");
        refused(Code.INVALID_ARGUMENT, limits -> limits.setCpuQuota(999), "quota");
        refused(Code.INVALID_ARGUMENT, limits -> limits.setOomScoreAdj(1001), "oom_score_adj");
        refused(Code.INVALID_ARGUMENT, limits -> limits.setCpusetCpus("1-0"), "CPUs");
        refused(Code.FAILED_PRECONDITION, limits -> limits.setCpusetCpus("0,4095"), "CPUs");
        refused(Code.FAILED_PRECONDITION, limits -> limits.setCpusetMems("1023"), "memory nodes");
        refused(
                Code.FAILED_PRECONDITION,
                limits -> limits.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("3MB").setLimit(0)),
                "3MB");
        for (var file : List.of("memory/../x", "..", "memory.max\0", "/memory.max", "cgroup.kill")) {
            refused(Code.INVALID_ARGUMENT, limits -> limits.putUnified(file, "1"), "cgroup");
        }
        if (!IS_VERSION_2) {
            refused(Code.FAILED_PRECONDITION, limits -> limits.putUnified("pids.max", "9"), "version 1");
        }
        before.assertNone();
    }

    private void refused(Code code, Consumer<LinuxContainerResources.Builder> limits, String... words) {
        Refused.with(code, () -> Requests.create(node.cri(), podId, pod, container("refused", limits)), words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void theLeastMemoryThatIsTakenIsEnoughForTheRuntime(String handler) throws Exception {
        runPod(handler);

        var id = Requests.create(
                node.cri(),
                podId,
                pod,
                container("least", limits -> limits.setMemoryLimitInBytes(LEAST_BYTES.get(handler))));

        assertThat(cgroupFile(id, "memory", "memory.limit_in_bytes", "memory.max"))
                .isEqualTo("" + LEAST_BYTES.get(handler));
    }
}
