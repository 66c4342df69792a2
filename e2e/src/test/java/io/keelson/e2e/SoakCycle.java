package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ListPodSandboxMetricsRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PortMapping;
import io.keelson.proto.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The life of a pod, by turns with crun and with runc: it is run with a network, a container in it is created, started, has a command in it,
 * is stopped and removed, and so is the pod. One in four does something else besides, failures among it.
 */
final class SoakCycle {
    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    /** What is pulled and removed. */
    static final String IMAGE = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";

    /** After so many cycles all that there is has been done, by both runtimes. */
    static final int LENGTH = 40;

    private static final List<String> UNTIL_TOLD = List.of("sh", "-c", "trap 'exit 0' TERM; sleep 100000 & wait");
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Node node;
    private final Path metrics;
    private final ReentrantLock image = new ReentrantLock();

    /** @param metrics the socket of the page of metrics */
    SoakCycle(Node node, Path metrics) {
        this.node = node;
        this.metrics = metrics;
    }

    /** What it makes it removes. Several may be under way. */
    void run(int number) throws IOException, InterruptedException {
        var handler = number % 2 == 0 ? "crun" : "runc";
        var turn = number % LENGTH / 2;
        var pod = pod("soak-" + number, turn == 1);
        if (turn == 3) {
            runHeard(pod, handler);
        } else {
            run(node.cri(), pod, handler, turn);
        }
        TemporaryTree.remove(Path.of(pod.getLogDirectory()));
    }

    private PodSandboxConfig pod(String name, boolean hasPort) throws IOException {
        var pod = Requests.pod(node.place(), name);
        if (hasPort) {
            pod.addPortMappings(PortMapping.newBuilder()
                    .setProtocol(Protocol.TCP)
                    .setContainerPort(80)
                    .setHostPort(FreePorts.take()));
        }
        return pod.build();
    }

    /** By a client of its own, who is told of everything. */
    private void runHeard(PodSandboxConfig pod, String handler) throws IOException, InterruptedException {
        try (var client = Cri.connect(node.place().socket());
                var subscriber = Subscriber.of(client)) {
            var id = run(client, pod, handler, 3);
            subscriber.await(id, ContainerEventType.CONTAINER_DELETED_EVENT);
        }
    }

    private String run(Cri cri, PodSandboxConfig pod, String handler, int turn)
            throws IOException, InterruptedException {
        var id = Requests.run(cri, pod, handler);
        var container = Requests.start(
                cri, id, pod, Requests.container("c", BUSYBOX, UNTIL_TOLD).build());
        assertThat(Requests.exec(cri, container, "echo", "here").getStdout().toStringUtf8())
                .isEqualTo("here\n");
        switch (turn) {
            case 5 -> readStatistics(cri);
            case 7 -> talk(cri, container);
            case 9 -> pullAndRemove(cri);
            case 11 -> fail(cri, id, pod, container);
            default -> {}
        }
        Requests.stop(cri, container, turn % 2 == 0 ? Duration.ZERO : GRACE);
        Requests.remove(cri, container);
        Requests.removePod(cri, id);
        return id;
    }

    private void readStatistics(Cri cri) throws IOException {
        var runtime = cri.runtime(Requests.DEADLINE);
        Requests.assertStatistics(runtime);
        assertThat(runtime.listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                        .getPodMetricsCount())
                .isPositive();
        assertThat(Pages.overSocket(metrics, "/metrics")).contains("keelson_");
    }

    private static void talk(Cri cri, String container) throws IOException {
        var url = cri.runtime(Requests.DEADLINE)
                .exec(ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("echo", "here"))
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl();
        try (var stream = RawStream.webSocket(url)) {
            stream.awaitGoodbye();
        }
    }

    private void pullAndRemove(Cri cri) throws InterruptedException {
        image.lockInterruptibly();
        try {
            Requests.pull(cri, IMAGE);
            Requests.removeImage(cri, IMAGE);
        } finally {
            image.unlock();
        }
    }

    /** What fails leaves no more than what succeeds. */
    private static void fail(Cri cri, String id, PodSandboxConfig pod, String container) {
        assertThat(Requests.exec(cri, container, "/no/such/command").getExitCode())
                .isPositive();
        refused(() -> cri.runtime(Requests.DEADLINE)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("sleep", "100"))
                        .setTimeout(1)
                        .build()));
        refused(() -> Requests.start(
                cri,
                id,
                pod,
                Requests.container("wrong", BUSYBOX, List.of("/no/such/command"))
                        .build()));
        refused(() -> Requests.pull(cri, "registry.k8s.io/no/such/image:1"));
    }

    private static void refused(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOf(StatusRuntimeException.class);
    }
}
