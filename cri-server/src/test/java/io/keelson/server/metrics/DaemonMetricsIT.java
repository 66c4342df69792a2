package io.keelson.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.StreamObserver;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener.Kind;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodMetadata;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodSecurity;
import io.keelson.pod.PodSpec;
import io.keelson.pod.PodState;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.RuntimeStatus;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StatusResponse;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.rpc.CriServer;
import io.keelson.server.rpc.Health;
import io.keelson.server.rpc.Serving;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonMetricsIT {
    @TempDir
    Path directory;

    private final DaemonMetrics metrics = new DaemonMetrics("1.2.3");
    private volatile boolean networkReady = true;
    private CriServer server;
    private Health health;

    @BeforeEach
    void serve() {
        var socket = directory.resolve("k.sock");
        server = Serving.on(socket, List.of(new Service()), metrics.calls());
        health = new Health(socket);
    }

    @AfterEach
    void end() {
        health.close();
        server.close();
        metrics.close();
    }

    private final class Service extends RuntimeServiceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> response) {
            response.onNext(StatusResponse.newBuilder()
                    .setStatus(RuntimeStatus.newBuilder()
                            .addConditions(RuntimeCondition.newBuilder()
                                    .setType("NetworkReady")
                                    .setStatus(networkReady)
                                    .setMessage("no plugin")))
                    .build());
            response.onCompleted();
        }
    }

    @Test
    void healthIsAnsweredByACall() {
        assertThat(health.healthz()).isEmpty();
        assertThat(health.readyz()).isEmpty();
        Awaitility.await("the calls to be counted")
                .until(() -> scrape().contains("keelson_grpc_calls_seconds_count{code=\"OK\",method=\"Status\"} 2"));

        networkReady = false;
        assertThat(health.healthz()).isEmpty();
        assertThat(health.readyz().orElseThrow()).contains("NetworkReady: no plugin");

        server.close();
        assertThat(health.healthz().orElseThrow()).contains("does not answer");
    }

    @Test
    void namesAreAsPrometheusWantsThem() {
        var text = everything();

        var types = text.lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ", 4))
                .collect(Collectors.toMap(words -> words[2], words -> words[3]));
        assertThat(types).isNotEmpty();
        types.forEach((name, type) -> {
            assertThat(name).matches("keelson_[a-z_]+");
            assertThat(text).as("help of " + name).containsPattern("# HELP " + name + " \\S");
            assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("counter"));
            assertThat(name).doesNotContainPattern("_(milliseconds|ms|kb|mb|percent|count|sum|bucket)$");
        });
        assertThat(text).contains("keelson_version{version=\"1.2.3\"} 1").contains("keelson_pods{state=\"ready\"} 3");
    }

    @Test
    void workIsCountedByWhoDidItAndHowItEnded() {
        var work = metrics.work();
        assertThat(work.<String>around(new Work(Kind.PLUGIN, "bridge", "ADD"), () -> "answer"))
                .isEqualTo("answer");
        work.around(new Work(Kind.RUNTIME, "crun", "start"), () -> {});
        for (var image : List.of("registry.example/a", "registry.example/b")) {
            assertThatThrownBy(() -> work.around(new Work(Kind.PULL, image, "pull"), () -> {
                        throw Failure.absent("no such image");
                    }))
                    .isInstanceOf(Failure.class);
        }
        assertThatThrownBy(() -> work.around(new Work(Kind.REGISTRY, "registry.example", "GET"), () -> {
                    throw new IllegalStateException("a bug");
                }))
                .isInstanceOf(IllegalStateException.class);
        // Its time is that of the pod's start.
        work.step("pod", "files", () -> {});

        assertThat(scrape())
                .contains(
                        "keelson_cni_calls_seconds_count{command=\"ADD\",outcome=\"ok\",plugin=\"bridge\"} 1",
                        "keelson_runtime_calls_seconds_count{outcome=\"ok\",runtime=\"crun\",verb=\"start\"} 1",
                        "keelson_image_pulls_seconds_count{outcome=\"absent\"} 2",
                        "keelson_registry_requests_seconds_count{method=\"GET\",outcome=\"internal\"} 1")
                .doesNotContain("registry.example");
    }

    /** A scrape with something of every kind. */
    private String everything() {
        metrics.states("keelson.pods", "Pods by state.", Map.of("ready", () -> 3));
        metrics.states("keelson.containers", "Containers by state.", Map.of("running", () -> 4));
        metrics.bytes("keelson.image.disk.usage", "Room that images take.", () -> 5);
        assertThat(health.healthz()).isEmpty();
        Awaitility.await("the call to be counted").until(() -> scrape().contains("method=\"Status\""));
        startAPod();
        return scrape();
    }

    private void startAPod() {
        var events = new LifeEvents(
                new PodCatalog(new PodPaths(directory, directory)),
                new ContainerCatalog(new ContainerPaths(directory, directory)),
                InstantSource.system());
        try (var _ = metrics.listen(events)) {
            events.podChanged(Change.STARTED, pod());
        }
    }

    private static Pod pod() {
        return new Pod(
                new PodId("a".repeat(64)),
                new PodSpec(
                        new PodMetadata("p", "default", "uid", 0),
                        "p",
                        "",
                        Optional.empty(),
                        List.of(),
                        Map.of(),
                        Map.of(),
                        "",
                        PodSecurity.defaults(),
                        Map.of(),
                        LinuxResources.NONE,
                        LinuxResources.NONE,
                        ""),
                PodState.READY,
                Instant.now(),
                Optional.empty(),
                "/p",
                new StartTimeline(Map.of("network", 2000L, "total", 3000L)));
    }

    private String scrape() {
        return new String(metrics.page().get().content(), StandardCharsets.UTF_8);
    }
}
