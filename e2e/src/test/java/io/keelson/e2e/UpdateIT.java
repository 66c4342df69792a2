package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.keelson.proto.HugepageLimit;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.UpdateContainerResourcesRequest;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What containers and pods may use changes while they are there. */
class UpdateIT {
    private static final long MEMORY = 64 << 20;
    private static final JsonMapper JSON = JsonMapper.shared();

    @BeforeAll
    static void requireVersion1() {
        assumeTrue(!LifeScene.isUnified(), "the files that are looked at are those of cgroup version 1");
    }

    private static LinuxContainerResources.Builder resources() {
        return LinuxContainerResources.newBuilder();
    }

    private static void update(String id, LinuxContainerResources.Builder resources) {
        LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(id)
                        .setLinux(resources)
                        .putAnnotations("of", "the request")
                        .build());
    }

    private static LinuxContainerConfig.Builder limits() {
        return LinuxContainerConfig.newBuilder()
                .setResources(resources()
                        .setCpuShares(512)
                        .setCpuQuota(50_000)
                        .setCpuPeriod(100_000)
                        .setMemoryLimitInBytes(MEMORY)
                        .setMemorySwapLimitInBytes(MEMORY));
    }

    private static LinuxContainerResources inForce(String id) {
        return LifeScene.status(id).getResources().getLinux();
    }

    private static Map<String, String> files(LifeScene scene, String id) throws IOException {
        return Map.of(
                "shares", read(scene, id, "cpu", "cpu.shares"),
                "quota", read(scene, id, "cpu", "cpu.cfs_quota_us"),
                "period", read(scene, id, "cpu", "cpu.cfs_period_us"),
                "memory", read(scene, id, "memory", "memory.limit_in_bytes"),
                "memsw", read(scene, id, "memory", "memory.memsw.limit_in_bytes"),
                "cpus", read(scene, id, "cpuset", "cpuset.cpus"),
                "mems", read(scene, id, "cpuset", "cpuset.mems"));
    }

    private static String read(LifeScene scene, String id, String controller, String file) throws IOException {
        return Files.readString(scene.cgroup(controller, id).resolve(file)).strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void limitsChangeWhileItRunsAndAreSeenAtOnce(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.start(LifeScene.idle("changes").setLinux(limits()));

            LifeScene.node()
                    .crictl("update", "--cpu-share=300", "--cpu-quota=20000", "--memory=" + 2 * MEMORY, id)
                    .expectSuccess();

            assertThat(inForce(id))
                    .isEqualTo(resources()
                            .setCpuShares(300)
                            .setCpuQuota(20_000)
                            .setCpuPeriod(100_000)
                            .setMemoryLimitInBytes(2 * MEMORY)
                            .setMemorySwapLimitInBytes(2 * MEMORY)
                            .build());
            assertThat(files(scene, id))
                    .containsEntry("shares", "300")
                    .containsEntry("quota", "20000")
                    .containsEntry("memory", Long.toString(2 * MEMORY))
                    .containsEntry("memsw", Long.toString(2 * MEMORY));

            // As kubelet's CPU manager does; what is zero stays.
            update(id, resources().setCpusetCpus("0"));
            update(id, resources().setCpuQuota(-1));
            update(id, resources().setMemoryLimitInBytes(MEMORY).setMemorySwapLimitInBytes(3 * MEMORY));
            update(id, resources());
            assertThat(files(scene, id))
                    .containsAllEntriesOf(Map.of(
                            "cpus", "0",
                            "shares", "300",
                            "quota", "-1",
                            "period", "100000",
                            "memory", Long.toString(MEMORY),
                            "memsw", Long.toString(3 * MEMORY)));
            assertThat(inForce(id).getCpuQuota()).isEqualTo(-1);
            assertThat(LifeScene.status(id).getAnnotationsMap()).isEmpty();

            assertRefusedWhole(scene, id);
            assertKnownAfterARestart(scene, id);

            Requests.stop(LifeScene.cri(), id, Duration.ZERO);
            Refused.with(Code.FAILED_PRECONDITION, () -> update(id, resources().setCpuShares(2)), "EXITED", id);
        }
    }

    private static void assertRefusedWhole(LifeScene scene, String id) throws IOException {
        var files = files(scene, id);
        var status = inForce(id);

        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> update(id, resources().setCpuShares(700).setCpusetCpus("1000")),
                "cannot change the limits of container " + id,
                "cannot use CPUs \"1000\"");
        Refused.with(
                Code.INVALID_ARGUMENT, () -> update(id, resources().setCpusetCpus("1-0")), "cannot use CPUs \"1-0\"");
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> update(id, resources().setCpuShares(700).setMemoryLimitInBytes(4096)),
                "a limit of 4096 bytes of memory was asked for");
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> update(
                        id,
                        resources()
                                .setCpuShares(700)
                                .setMemoryLimitInBytes(2 * MEMORY)
                                .setCpuQuota(3)),
                id,
                "CPU quota");
        Refused.with(Code.INVALID_ARGUMENT, () -> update(id, resources().setCpusetCpus("0;1")), "CPUs");
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> update(id, resources().setCpuShares(700).putUnified("memory.high", "1")),
                "memory.high");
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> update(
                        id,
                        resources()
                                .setCpuShares(700)
                                .addHugepageLimits(HugepageLimit.newBuilder()
                                        .setPageSize("3MB")
                                        .setLimit(3 << 20))),
                "huge pages of 3MB");
        Refused.with(Code.NOT_FOUND, () -> update("00".repeat(32), resources().setCpuShares(700)), "00");
        Refused.with(Code.INVALID_ARGUMENT, () -> update("", resources()), "no container");

        assertThat(files(scene, id)).isEqualTo(files);
        assertThat(inForce(id)).isEqualTo(status);
    }

    private static void assertKnownAfterARestart(LifeScene scene, String id) throws Exception {
        var files = files(scene, id);
        var status = inForce(id);

        LifeScene.node().kill();
        LifeScene.node().restart();

        assertThat(inForce(id)).isEqualTo(status);
        assertThat(files(scene, id)).isEqualTo(files);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void oneThatWasCreatedAndOneThatIsPausedAreChangedAsWell(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.create(LifeScene.idle("waits").setLinux(limits()));
            update(id, resources().setCpuShares(300));
            LifeScene.node().crictl("start", id).expectSuccess();
            assertThat(read(scene, id, "cpu", "cpu.shares")).isEqualTo("300");
            assertThat(inForce(id).getCpuShares()).isEqualTo(300);

            var freezer = scene.cgroup("freezer", id).resolve("freezer.state");
            Files.writeString(freezer, "FROZEN");
            update(id, resources().setCpuShares(400));
            assertThat(read(scene, id, "cpu", "cpu.shares")).isEqualTo("400");
            assertThat(Files.readString(freezer)).as("it stays paused").isEqualTo("FROZEN\n");
            Files.writeString(freezer, "THAWED");
        }
    }

    @Test
    void aPodsResourcesAreWrittenDownAndItsCgroupIsLeftToWhoeverMadeIt() throws Exception {
        try (var scene = LifeScene.by("")) {
            scene.start(LifeScene.idle("in-it"));
            var shares = scene.podCgroup("cpu").resolve("cpu.shares");
            var before = Files.readString(shares);

            LifeScene.cri()
                    .runtime(Requests.DEADLINE)
                    .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                            .setPodSandboxId(scene.podId())
                            .setResources(resources().setCpuShares(300))
                            .build());

            assertThat(podShares(scene)).isEqualTo(300);
            assertThat(shares).hasContent(before.strip());
            LifeScene.node().kill();
            LifeScene.node().restart();
            assertThat(podShares(scene)).isEqualTo(300);
            Refused.with(
                    Code.NOT_FOUND,
                    () -> LifeScene.cri()
                            .runtime(Requests.DEADLINE)
                            .updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                                    .setPodSandboxId("00".repeat(32))
                                    .build()),
                    "no such pod");
        }
    }

    private static long podShares(LifeScene scene) {
        var info = LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(scene.podId())
                        .setVerbose(true)
                        .build())
                .getInfoOrThrow("info");
        return JSON.readTree(info).at("/limits/resources/cpuShares").longValue();
    }
}
