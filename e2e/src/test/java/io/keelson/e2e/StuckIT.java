package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.FaultyDisk.Behaviour;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.StatusRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Files, disks and mounts of one pod that hang: no other pod waits for them, and what could not be done is done later. */
@Tag("stuck")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StuckIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    /** Waits until it is on the disk. */
    private static final String WRITE = "dd if=/dev/zero of=/data/file bs=4k count=1 conv=fsync 2>/dev/null";

    /** More than a small machine has processors. */
    private static final int STUCK_PODS = 4;

    /** Far below what hangs here, and far above what an answer takes. */
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Node node;
    private Leftovers leftovers;
    private PodSandboxConfig pod;
    private String podId;
    private String neighbour;

    @BeforeAll
    void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        pod = Requests.pod(node.place(), "neighbour").build();
        podId = Requests.run(node.cri(), pod);
        neighbour = Requests.start(node.cri(), podId, pod, idle("neighbour").build());
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterAll
    void end() {
        threads.shutdownNow();
        if (node != null) {
            node.close();
        }
    }

    @AfterEach
    void neighbourLives() {
        assertOthersGoOn();
    }

    private static ContainerConfig.Builder idle(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "100000"));
    }

    private static ContainerConfig.Builder shell(String name, String script) {
        return Requests.container(name, BUSYBOX, List.of("sh", "-c", script));
    }

    /** All that kubelet asks of others all the while, and the life of another container. */
    private void assertOthersGoOn() {
        var runtime = node.cri().runtime(SOON);
        assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isPositive();
        assertThat(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount())
                .isPositive();
        Requests.assertStatistics(runtime);
        assertThat(runtime.status(StatusRequest.newBuilder().setVerbose(true).build())
                        .getStatus()
                        .getConditionsCount())
                .isPositive();
        assertThat(Requests.exec(node.cri(), neighbour, "true").getExitCode()).isZero();
        var other = Requests.start(node.cri(), podId, pod, idle("other").build());
        Requests.stop(node.cri(), other, Duration.ZERO);
        Requests.remove(node.cri(), other);
    }

    @Test
    void volumesThatDoNotAnswerHoldUpNobodyElseAndTheirContainersAreMadeLater() throws Exception {
        var pods = new LinkedHashMap<String, PodSandboxConfig>();
        for (var number = 0; number < STUCK_PODS; number++) {
            var own = Requests.pod(node.place(), "volumes-" + number).build();
            pods.put(Requests.run(node.cri(), own), own);
        }
        try (var stuck = StuckFiles.mount(directory, "nfs")) {
            var creating = new ArrayList<Future<?>>();
            pods.forEach((id, own) -> creating.add(threads.submit(() -> Requests.create(
                    node.cri(), id, own, withVolume(stuck.directory().resolve(id))))));
            assertOthersGoOn();
            assertUnavailable(stuck, creating);
        }

        for (var each : pods.entrySet()) {
            var volume = Files.createDirectories(directory.resolve("nfs").resolve(each.getKey()));
            Requests.start(node.cri(), each.getKey(), each.getValue(), withVolume(volume));
            Requests.removePod(node.cri(), each.getKey());
        }
        leftovers.assertNone();
    }

    private static void assertUnavailable(StuckFiles stuck, List<Future<?>> calls) {
        for (var each : calls) {
            Refused.with(
                    Code.UNAVAILABLE, () -> resultOf(each), stuck.directory().toString(), "does not answer");
        }
    }

    private static ContainerConfig withVolume(Path volume) {
        return idle("mounts")
                .addMounts(Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/data"))
                .build();
    }

    /** What the call on another thread threw, thrown here. */
    private static Object resultOf(Future<?> call) {
        try {
            return call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** SIGKILL is heard when the disk answers, and not before. */
    @Test
    void aContainerThatWaitsForADiskThatHangsIsRemovedByItselfWhenItAnswers() throws Exception {
        var own = Requests.pod(node.place(), "waits").build();
        var id = Requests.run(node.cri(), own);
        try (var disk = FaultyDisk.mount(directory, "volume", directory.resolve("volume"))) {
            var container = Requests.start(node.cri(), id, own, writing(disk));
            disk.set(Behaviour.HANGS);
            awaitUninterruptible(container);

            assertOthersGoOn();
            Refused.with(Code.DEADLINE_EXCEEDED, () -> execBriefly(container), container);
            Refused.with(
                    Code.DEADLINE_EXCEEDED,
                    () -> Requests.stop(node.cri(), container, Duration.ZERO),
                    container,
                    "cannot kill");
            assertThat(Requests.status(node.cri(), container).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            Refused.with(
                    Code.DEADLINE_EXCEEDED,
                    () -> node.cri()
                            .runtime(Requests.DEADLINE)
                            .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                                    .setPodSandboxId(id)
                                    .build()),
                    container,
                    "cannot kill");
            assertOthersGoOn();

            disk.set(Behaviour.WORKS);
            awaitRemoval(id);
        }
        leftovers.assertNone();
    }

    /** A command that waits for the disk as well. */
    private ExecSyncResponse execBriefly(String container) {
        return node.cri()
                .runtime(Requests.DEADLINE)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("sh", "-c", WRITE))
                        .setTimeout(1)
                        .build());
    }

    private static ContainerConfig writing(FaultyDisk disk) {
        return shell("writes", "while :; do " + WRITE + "; done")
                .addMounts(
                        Mount.newBuilder().setHostPath(disk.root().toString()).setContainerPath("/data"))
                .build();
    }

    private static void awaitUninterruptible(String container) {
        Awaitility.await("it hangs")
                .atMost(LifeScene.PATIENCE)
                .during(Duration.ofSeconds(1))
                .until(() -> !NodeProcesses.uninterruptible(container).isEmpty());
    }

    private void awaitRemoval(String podId) {
        Awaitility.await("the pod is removed though nobody asks again")
                .atMost(LifeScene.PATIENCE)
                .untilAsserted(() -> Refused.with(Code.NOT_FOUND, () -> Requests.podStatus(node.cri(), podId), podId));
    }

    /** kubelet's directory of logs on a disk that does not answer: what has to be written or read there is not waited for. */
    @Test
    void directoriesOfLogsThatDoNotAnswerHoldUpNobodyElseAndTheirContainersAreMadeLater() throws Exception {
        var pods = new LinkedHashMap<String, PodSandboxConfig>();
        try (var stuck = StuckFiles.mount(directory, "logs-away")) {
            for (var number = 0; number < STUCK_PODS; number++) {
                var own = Requests.pod(node.place(), "logs-" + number)
                        .setLogDirectory(
                                stuck.directory().resolve("pod-" + number).toString())
                        .build();
                pods.put(Requests.run(node.cri(), own), own);
            }
            var creating = new ArrayList<Future<?>>();
            pods.forEach((id, own) -> creating.add(threads.submit(
                    () -> Requests.create(node.cri(), id, own, idle("logs").build()))));
            assertOthersGoOn();
            assertUnavailable(stuck, creating);
        }

        for (var each : pods.entrySet()) {
            Requests.start(
                    node.cri(), each.getKey(), each.getValue(), idle("logs").build());
            Requests.removePod(node.cri(), each.getKey());
        }
        leftovers.assertNone();
    }

    /** Opening it for writing waits for a reader (fifo(7)). */
    @Test
    void aLogThatIsAFifoNobodyReadsHoldsUpNobody() throws Exception {
        var own = Requests.pod(node.place(), "fifo").build();
        var id = Requests.run(node.cri(), own);
        var logs = Files.createDirectories(Path.of(own.getLogDirectory()));
        Program.run(directory, List.of("mkfifo", logs.resolve("c.log").toString()))
                .expectSuccess();

        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.create(node.cri(), id, own, idle("c").build()),
                logs.resolve("c.log").toString(),
                "not a file");

        Files.delete(logs.resolve("c.log"));
        Requests.start(node.cri(), id, own, idle("c").build());
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    @Test
    @Tag("D1")
    void aFullDiskOfLogsEndsNoContainerAndStopsNoStop() throws Exception {
        var own = Requests.pod(node.place(), "talker").build();
        var logs = Files.createDirectories(Path.of(own.getLogDirectory()));
        Program.run(directory, List.of("mount", "-t", "tmpfs", "-o", "size=64k", "logs", logs.toString()))
                .expectSuccess();
        try {
            var id = Requests.run(node.cri(), own);
            var talks = Requests.start(
                    node.cri(),
                    id,
                    own,
                    shell("talks", "while :; do echo 0123456789; done").build());
            Awaitility.await("a full disk")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> Files.getFileStore(logs).getUsableSpace() == 0);

            assertOthersGoOn();
            assertThat(Requests.status(node.cri(), talks).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            assertThat(Requests.exec(node.cri(), talks, "true").getExitCode()).isZero();
            Requests.stop(node.cri(), talks, Duration.ZERO);
            LifeScene.assertExited(Requests.status(node.cri(), talks), 137, "Error");
            Requests.removePod(node.cri(), id);
        } finally {
            Program.run(directory, List.of("umount", "--lazy", logs.toString()));
        }
        leftovers.assertNone();
    }

    @Test
    @Tag("D4")
    void aRemovalThatCannotBeFinishedNamesWhatIsInTheWayAndIsFinishedByItselfLater() throws Exception {
        var own = Requests.pod(node.place(), "busy").build();
        var id = Requests.run(node.cri(), own);
        var container = Requests.start(node.cri(), id, own, idle("busy").build());
        var inTheWay =
                node.place().root().resolve("containers").resolve(container).resolve("upper/busy");
        Files.createDirectories(inTheWay);
        var precious = Files.createDirectories(directory.resolve("precious"));
        Files.writeString(precious.resolve("file"), "kept");
        Program.run(directory, List.of("mount", "--bind", precious.toString(), inTheWay.toString()))
                .expectSuccess();
        try {
            Refused.with(
                    Code.FAILED_PRECONDITION,
                    () -> Requests.removePod(node.cri(), id),
                    container,
                    "something is mounted on busy");
            assertOthersGoOn();
            assertThat(Requests.status(node.cri(), container).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        } finally {
            Program.run(directory, List.of("umount", inTheWay.toString())).expectSuccess();
        }

        awaitRemoval(id);
        assertThat(precious.resolve("file")).hasContent("kept");
        leftovers.assertNone();
    }
}
