package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ListContainerStatsRequest;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.StatusRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubelet looks every second: nothing that hangs may hold its questions up, and what is half made is not among the answers. */
@Tag("trap-10")
class LockFreeListsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    /** Far below what hangs here, and far above what an answer takes. */
    private static final Duration QUICK = Duration.ofSeconds(3);

    private static final Duration GRACE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    @Tag("stuck")
    void questionsAreAnsweredWhileAStopAndAPodsStartHang() throws Exception {
        try (var node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
                var hanging = Executors.newVirtualThreadPerTaskExecutor()) {
            Requests.pull(node.cri(), BUSYBOX);
            var pod = Requests.pod(node.place(), "stubborn").build();
            var id = Requests.run(node.cri(), pod);
            var container = Requests.start(
                    node.cri(),
                    id,
                    pod,
                    Requests.container(
                                    "stubborn",
                                    BUSYBOX,
                                    List.of("sh", "-c", "trap 'touch /asked' TERM; while :; do sleep 0.1; done"))
                            .build());
            var plugin = FaultyPlugin.install(node.place());
            plugin.set(FaultyPlugin.Mode.HANG);

            var start = hanging.submit(() -> {
                Requests.run(node.cri(), Requests.pod(node.place(), "hangs").build());
                return true;
            });
            var stop = hanging.submit(() -> {
                Requests.stop(node.cri(), container, GRACE);
                return true;
            });
            Awaitility.await("both hang")
                    .atMost(DEADLINE)
                    .until(() -> plugin.isCalled()
                            && Requests.exec(node.cri(), container, "test", "-e", "/asked")
                                            .getExitCode()
                                    == 0);

            ask(node, id, container);
            assertThat(start.isDone() && stop.isDone()).isFalse();
            assertThat(stop.isDone()).isFalse();

            Requests.stop(node.cri(), container, Duration.ZERO);
            assertThat(stop.get()).isTrue();
        }
    }

    private static void ask(Node node, String pod, String container) {
        for (var round = 0; round < 5; round++) {
            var runtime = node.cri().runtime(QUICK);
            assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                            .getItemsList())
                    .extracting(PodSandbox::getId)
                    .containsExactly(pod);
            assertThat(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                            .getContainersList())
                    .extracting(Container::getId)
                    .containsExactly(container);
            assertThat(runtime.listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                            .getStatsCount())
                    .isEqualTo(1);
            assertThat(runtime.listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
                            .getStatsCount())
                    .isEqualTo(1);
            assertThat(runtime.status(StatusRequest.getDefaultInstance())
                            .getStatus()
                            .getConditionsList())
                    .extracting(RuntimeCondition::getType)
                    .contains("RuntimeReady", "NetworkReady");
            assertThat(Requests.status(node.cri(), container).getId()).isEqualTo(container);
            assertThat(Requests.podStatus(node.cri(), pod).getId()).isEqualTo(pod);
        }
    }
}
