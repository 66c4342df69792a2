package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.StreamContainersRequest;
import io.keelson.proto.VersionRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector of OpenTelemetry's is told of calls, and that calls do not need one. */
class TracesIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String RUNTIME = "runtime.v1.RuntimeService/";
    private static final String RUN_POD = RUNTIME + "RunPodSandbox";
    private static final String CREATE = RUNTIME + "CreateContainer";
    private static final String START = RUNTIME + "StartContainer";
    private static final String STOP_POD = RUNTIME + "StopPodSandbox";
    private static final String STREAM = RUNTIME + "StreamContainers";
    private static final String PULL = "runtime.v1.ImageService/PullImage";

    @TempDir
    static Path directory;

    private static Path collectorSocket;
    private static Path metrics;
    private static Node node;

    @BeforeAll
    static void start() throws Exception {
        collectorSocket = directory.resolve("otel.sock");
        metrics = directory.resolve("m.sock");
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).configured("""
                        [metrics]
                        listen = "unix:%s"
                        [tracing]
                        endpoint = "unix:%s"
                        """.formatted(metrics, collectorSocket)));
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void allThatCallsTakeIsInTheTraceOfTheirCaller() throws Exception {
        var unsampled = TraceCaller.of(node.cri(), false);
        var caller = TraceCaller.of(node.cri(), true);
        try (var collector = SpanCollector.start(collectorSocket)) {
            Requests.removeAllImages(node.cri());
            unsampled.runtime().version(VersionRequest.getDefaultInstance());
            node.cri().runtime(Requests.DEADLINE).version(VersionRequest.getDefaultInstance());
            var image = pull(caller);
            var pod = Requests.pod(node.place(), "traced").build();
            var podId = caller.runtime()
                    .runPodSandbox(
                            RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                    .getPodSandboxId();
            var container = caller.runtime()
                    .createContainer(CreateContainerRequest.newBuilder()
                            .setPodSandboxId(podId)
                            .setSandboxConfig(pod)
                            .setConfig(Requests.container("c", BUSYBOX, List.of("sleep", "1000")))
                            .build())
                    .getContainerId();
            caller.runtime().startContainer(started(container));
            caller.runtime()
                    .streamContainers(StreamContainersRequest.getDefaultInstance())
                    .forEachRemaining(_ -> {});
            Refused.with(Code.NOT_FOUND, () -> caller.runtime().startContainer(started("ab".repeat(32))));
            caller.runtime()
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(podId)
                            .build());

            Awaitility.await("the span of the last call")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> collector.spans().stream()
                            .anyMatch(span -> span.getName().equals(STOP_POD)));
            Requests.removePod(node.cri(), podId);
            // Calls without a trace, and those whose caller does not want theirs, are not told of.
            assertThat(collector.spans())
                    .noneMatch(span -> span.getParentSpanId().isEmpty())
                    .noneMatch(span -> span.getTraceId().equals(unsampled.trace()));
            var spans = collector.spans().stream()
                    .filter(span -> span.getTraceId().equals(caller.trace()))
                    .toList();
            assertThat(collector.senders())
                    .singleElement()
                    .satisfies(sender -> assertThat(sender)
                            .containsEntry("service.name", "keelson")
                            .containsKey("service.version")
                            .containsEntry(
                                    "host.name",
                                    Files.readString(Path.of("/proc/sys/kernel/hostname"))
                                            .strip()));

            assertCalls(spans, caller);
            assertAttributes(
                    spans,
                    RUN_POD,
                    Map.of("k8s.pod.name", "traced", "k8s.pod.uid", "traced-uid", "keelson.pod.id", podId));
            assertAttributes(spans, CREATE, Map.of("container.id", container, "keelson.pod.id", podId));
            assertAttributes(spans, PULL, Map.of("container.image.name", BUSYBOX, "container.image.id", image));
            assertThat(paths(spans))
                    .contains(
                            RUN_POD + " > start pod > record",
                            RUN_POD + " > start pod > namespaces",
                            RUN_POD + " > start pod > network > plugin bridge ADD",
                            RUN_POD + " > start pod > files",
                            STOP_POD + " > plugin bridge DEL",
                            CREATE + " > create container > rootfs",
                            CREATE + " > create container > spec",
                            CREATE + " > create container > runtime crun create",
                            START + " > runtime crun start",
                            PULL + " > pull > resolve",
                            PULL + " > pull > manifest > registry GET",
                            PULL + " > pull > layers > layer > registry GET");
        }
    }

    private static String pull(TraceCaller caller) {
        return caller.images()
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(BUSYBOX))
                        .build())
                .getImageRef();
    }

    private static StartContainerRequest started(String container) {
        return StartContainerRequest.newBuilder().setContainerId(container).build();
    }

    private static void assertCalls(List<Span> spans, TraceCaller caller) {
        var calls = spans.stream()
                .filter(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                .toList();
        assertThat(calls)
                .extracting(Span::getName)
                .containsExactlyInAnyOrder(PULL, RUN_POD, CREATE, START, STREAM, START, STOP_POD);
        assertThat(calls).allSatisfy(call -> {
            assertThat(call.getParentSpanId()).isEqualTo(caller.span());
            assertThat(call.getEndTimeUnixNano()).isGreaterThan(call.getStartTimeUnixNano());
            assertThat(call.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
            var attributes = SpanCollector.texts(call.getAttributesList());
            assertThat(attributes).containsEntry("rpc.system", "grpc");
            assertThat(attributes.get("rpc.service") + "/" + attributes.get("rpc.method"))
                    .isEqualTo(call.getName());
        });
        assertThat(calls.stream()
                        .filter(call -> call.getName().equals(START))
                        .map(call ->
                                SpanCollector.texts(call.getAttributesList()).get("rpc.grpc.status_code")))
                .containsExactly("0", "5");
    }

    private static void assertAttributes(List<Span> spans, String name, Map<String, String> wanted) {
        assertThat(spans.stream().filter(span -> span.getName().equals(name)))
                .singleElement()
                .satisfies(span -> assertThat(SpanCollector.texts(span.getAttributesList()))
                        .containsAllEntriesOf(wanted));
    }

    /** Every span, and those that it is below. Each has to begin and end within the one above it. */
    private static List<String> paths(List<Span> spans) {
        var byId = spans.stream().collect(Collectors.toMap(Span::getSpanId, Function.identity()));
        return spans.stream()
                .map(span -> {
                    var path = new ArrayList<String>(List.of(span.getName()));
                    for (var at = span; byId.containsKey(at.getParentSpanId()); ) {
                        var above = byId.get(at.getParentSpanId());
                        assertThat(at.getStartTimeUnixNano()).isGreaterThanOrEqualTo(above.getStartTimeUnixNano());
                        assertThat(at.getEndTimeUnixNano()).isLessThanOrEqualTo(above.getEndTimeUnixNano());
                        path.addFirst(above.getName());
                        at = above;
                    }
                    return String.join(" > ", path);
                })
                .toList();
    }

    @Test
    void aCollectorThatIsGoneOrSilentIsInNobodysWay() throws Exception {
        call();
        Awaitility.await("the spans to be lost").atMost(LifeScene.PATIENCE).until(() -> spans("lost") > 0);
        try (var silent = SpanCollector.silent(collectorSocket)) {
            // Some more are lost until the daemon finds it.
            Awaitility.await("a message to the silent collector")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> {
                        call();
                        return silent.isAsked();
                    });
            call();
        }
        try (var collector = SpanCollector.start(collectorSocket)) {
            Awaitility.await("spans to arrive again").atMost(LifeScene.PATIENCE).until(() -> {
                call();
                return !collector.spans().isEmpty();
            });
            Awaitility.await("those to be counted").atMost(LifeScene.PATIENCE).until(() -> spans("sent") > 0);
        }
        assertThat(node.log().lines().filter(line -> line.contains("event=spans-lost")))
                .singleElement()
                .asString()
                .contains(
                        "cannot send spans to unix:" + collectorSocket + ": ",
                        "Last Pick Failure",
                        "FileNotFoundException")
                .doesNotContain(" at io.");
    }

    private static void call() {
        TraceCaller.of(node.cri(), true).runtime().version(VersionRequest.getDefaultInstance());
    }

    private static double spans(String outcome) throws IOException {
        var name = "keelson_trace_spans_total{outcome=\"" + outcome + "\"} ";
        return Pages.overSocket(metrics, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    /** That nothing of it is there without a collector is said where a daemon has none. */
    @Test
    void openTelemetryIsThereWhereSpansAreCollected() throws Exception {
        call();
        assertThat(classes(node)).contains("io.opentelemetry.sdk.trace.");
    }

    static String classes(Node node) throws IOException {
        try (var client = new InspectClient(node.place().state().resolve("inspect.sock"))) {
            return client.get("/debug/heap").body();
        }
    }
}
