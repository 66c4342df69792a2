package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.TracedCalls.Call;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What gets its name below the daemon's root is on disk before anybody is told: its data, and the name itself. The whole daemon runs under
 * strace(1), so that nothing is taken on trust.
 */
class FsyncAccountIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** An image has a manifest, a config and a layer at least, and a record. */
    private static final int LEAST_OF_PULL = 4;
    /** How often a request waits for the disk at most; more is a change that somebody has to have meant. */
    private static final Map<String, Integer> MOST =
            Map.of("pod start", 3, "container create", 6, "container start", 2, "container stop", 2, "pod stop", 0);

    /**
     * Names that nothing depends on after a power failure: the index is made from the records at each start, a layer that is removed is the
     * next start's to remove, whichever of its names it has, what a network notes of a pod is in the pod's journal as well, and the history
     * of what is gone is for people (decision 0037).
     */
    private static final List<String> NOTES =
            List.of("images/index.json", "layers/.*\\.removed\\.tmp", "networks/.*\\.json", "history/.*\\.json");

    @TempDir
    Path directory;

    /** When a request was sent, and when it was answered. */
    private record Span(double begin, double end) {
        boolean contains(Call call) {
            return call.begin() >= begin && call.begin() <= end;
        }
    }

    private interface Request {
        void send();
    }

    private final Map<String, Span> spans = new LinkedHashMap<>();
    private List<Call> calls = List.of();

    @Test
    @Tag("P4")
    void everythingThatGetsItsNameIsOnDiskBeforeTheReply() throws Exception {
        var prefix = Files.createDirectory(directory.resolve("trace")).resolve("calls");
        try (var node = Node.start(
                directory,
                TestRegistry.daemon().behind(TracedCalls.tracing(prefix)),
                Setup.with(TestRegistry.server()))) {
            life(node);
            var daemon = node.pid();
            node.terminate();
            Awaitility.await("the end of the trace").atMost(PATIENCE).until(() -> hasEnded(prefix, daemon));
        }
        calls = TracedCalls.read(prefix);
        var root = directory.resolve("root");
        var wrong = new ArrayList<String>();
        spans.forEach((name, span) -> account(name, span, root, wrong));
        assertThat(wrong).isEmpty();
        assertThat(published(spans.get("pull"), root)).hasSizeGreaterThanOrEqualTo(LEAST_OF_PULL);
        MOST.forEach((name, most) ->
                assertThat(synchronised(spans.get(name), root)).as(name).hasSizeLessThanOrEqualTo(most));
        assertPodIsOnDisk(root);
    }

    /** What it was made from and its name before anything is asked of networks, and in the end that it is ready, by a line that has no new name. */
    private void assertPodIsOnDisk(Path root) {
        var start = spans.get("pod start");
        var journal = published(start, root).stream()
                .map(Call::to)
                .filter(file -> file.getParent().equals(root.resolve("pods")))
                .toList();
        assertThat(journal).hasSize(1);
        assertThat(synchronised(start, root).getLast())
                .satisfies(last ->
                        assertThat(last.synchronises(journal.getFirst())).isTrue())
                .satisfies(last -> assertThat(last.end()).isLessThan(start.end()));
    }

    private static boolean hasEnded(Path prefix, long pid) throws IOException {
        var trace = prefix.resolveSibling(prefix.getFileName() + "." + pid);
        return Files.readString(trace, StandardCharsets.ISO_8859_1).contains("+++ ");
    }

    private void life(Node node) {
        var cri = node.cri();
        var pod = Requests.pod(node.place(), "accounted").build();
        var config = Requests.container("accounted", BUSYBOX, List.of("sleep", "100000"))
                .build();
        span("pull", () -> Requests.pull(cri, BUSYBOX));
        span("pod start", () -> Requests.run(cri, pod));
        var podId = Requests.run(cri, pod);
        span("container create", () -> Requests.create(cri, podId, pod, config));
        var container = Requests.create(cri, podId, pod, config);
        span(
                "container start",
                () -> cri.runtime(Requests.DEADLINE)
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build()));
        span("container stop", () -> Requests.stop(cri, container, Duration.ZERO));
        span("container removal", () -> Requests.remove(cri, container));
        span(
                "pod stop",
                () -> cri.runtime(Requests.DEADLINE)
                        .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                                .setPodSandboxId(podId)
                                .build()));
        span(
                "pod removal",
                () -> cri.runtime(Requests.DEADLINE)
                        .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                                .setPodSandboxId(podId)
                                .build()));
        span("image removal", () -> Requests.removeImage(cri, BUSYBOX));
    }

    private void span(String name, Request request) {
        var begin = now();
        request.send();
        spans.put(name, new Span(begin, now()));
    }

    private static double now() {
        var now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private List<Call> renames(Span span, Path root) {
        return calls.stream()
                .filter(call ->
                        span.contains(call) && call.isRename() && call.to().startsWith(root))
                .toList();
    }

    private List<Call> synchronised(Span span, Path root) {
        return calls.stream()
                .filter(call -> span.contains(call)
                        && !call.isRename()
                        && call.paths().getFirst().startsWith(root))
                .toList();
    }

    /** Without notes, and without what another takes the place of before the reply: that one has to be on disk. */
    private List<Call> published(Span span, Path root) {
        var renames = renames(span, root);
        return renames.stream()
                .filter(call ->
                        NOTES.stream().noneMatch(root.relativize(call.to()).toString()::matches))
                .filter(call -> renames.stream()
                        .noneMatch(later ->
                                later.begin() > call.begin() && later.to().equals(call.to())))
                .toList();
    }

    private void account(String name, Span span, Path root, List<String> wrong) {
        var published = published(span, root);
        for (var rename : published) {
            if (!hasData(rename, span)) {
                wrong.add(name + ": the data of " + root.relativize(rename.to()));
            }
            if (!isSynchronised(rename.to().getParent(), rename.end(), span.end)) {
                wrong.add(name + ": the name of " + root.relativize(rename.to()));
            }
        }
        System.out.printf(
                "fsyncs of %s: %d, for %d published names%n",
                name, synchronised(span, root).size(), published.size());
    }

    /** Before it got its name; or afterwards, where nobody goes by the name until the reply. */
    private boolean hasData(Call rename, Span span) {
        return isSynchronised(rename.from(), 0, rename.begin()) || isSynchronised(rename.to(), rename.end(), span.end);
    }

    private boolean isSynchronised(Path path, double after, double before) {
        return calls.stream()
                .anyMatch(call -> call.synchronises(path) && call.begin() >= after && call.end() <= before);
    }
}
