package io.keelson.pod.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    private final AtomicInteger ids = new AtomicInteger();

    @TempDir
    Path root;

    private static Failure noNetwork() {
        return Failure.unavailable("plugin bridge failed");
    }

    private History started() {
        var history = new History(
                new HistoryDirectory(root),
                new PodCatalog(new PodPaths(root, root)),
                new ContainerCatalog(new ContainerPaths(root, root)),
                InstantSource.fixed(Instant.ofEpochSecond(7)));
        return history.start();
    }

    /** Not in the catalog of the history, as one that could not be made is not. */
    private Pod pod(String name) {
        var paths = new PodPaths(root.resolve("other"), root.resolve("other"));
        return ReadyPods.add(new PodCatalog(paths), paths, nextId(), ReadyPods.spec(name));
    }

    private PodId nextId() {
        return new PodId(Integer.toHexString(ids.incrementAndGet()).repeat(64));
    }

    private Json.Obj kept(Pod pod) {
        return new HistoryDirectory(root).find(pod.id().hex()).orElseThrow();
    }

    @Test
    void ofAPodThatCouldNotBeMadeTheLastTryIsKept() {
        var first = pod("web");
        var second = pod("web");
        var other = pod("db");
        try (var history = started()) {
            history.startFailed(first, noNetwork());
            history.startFailed(other, noNetwork());
            history.startFailed(second, noNetwork());
            history.startFailed(pod("ends"), new Failure(Failure.Kind.CANCELLED, "the daemon ends"));
        }
        assertThat(new HistoryDirectory(root).podIds())
                .containsExactlyInAnyOrder(second.id().hex(), other.id().hex());
        assertThat(kept(second).text("name")).isEqualTo("web");
        assertThat(kept(second).object("failure"))
                .isEqualTo(Json.object()
                        .put("at", "1970-01-01T00:00:07Z")
                        .put("kind", "UNAVAILABLE")
                        .put("message", "plugin bridge failed")
                        .build());
    }

    @Test
    void aDirectoryThatCannotBeWrittenCostsNobodyAnythingAndIsUsedOnceItCan() throws IOException {
        var inTheWay = Files.createFile(root.resolve("history"));
        try (var history = started()) {
            history.podChanged(Change.DELETED, pod("lost"));
        }
        Files.delete(inTheWay);
        var kept = pod("kept");
        try (var history = started()) {
            history.podChanged(Change.DELETED, kept);
        }
        assertThat(new HistoryDirectory(root).podIds())
                .containsExactly(kept.id().hex());
    }
}
