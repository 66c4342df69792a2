package io.keelson.pod.history;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.pod.LifeListener;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what happened to pods and containers when they are removed and their records go (decision 0037). Whoever removes them leaves a
 * reference here and does not wait; a thread writes it down.
 */
public final class History implements LifeListener, AutoCloseable {
    /** Of one pod: kubelet removes all but the last container of each name while the pod lives. */
    static final int MOST_CONTAINERS = 50;

    private static final int LONGEST_QUEUE = 10_000;
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(History.class);

    private final HistoryDirectory directory;
    private final PodCatalog pods;
    private final ContainerCatalog containers;
    private final Map<String, Container> last = new ConcurrentHashMap<>();
    /** What is to be written; the empty one is the last. */
    private final BlockingQueue<Optional<Note>> notes = new ArrayBlockingQueue<>(LONGEST_QUEUE);

    private final Thread thread = Thread.ofVirtual().name("history").unstarted(this::write);

    /** Of a pod: itself, and maybe a container of it that was removed. */
    private record Note(PodId pod, Json.Obj story, List<Json.Obj> container) {}

    public History(HistoryDirectory directory, PodCatalog pods, ContainerCatalog containers) {
        this.directory = directory;
        this.pods = pods;
        this.containers = containers;
    }

    /** Once what was there before is known. */
    public History start() {
        containers
                .list(ContainerFilter.all())
                .forEach(each -> last.putIfAbsent(each.id().hex(), each));
        thread.start();
        return this;
    }

    @Override
    public void podChanged(Change change, Pod pod) {
        if (change == Change.DELETED) {
            note(new Note(pod.id(), Story.of(pod), List.of()));
        }
    }

    @Override
    public void containerChanged(Change change, String container, PodId pod) {
        if (change != Change.DELETED) {
            containers.find(container).ifPresent(each -> last.put(container, each));
            return;
        }
        var known = last.remove(container);
        if (known != null) {
            var story = pods.find(pod.hex())
                    .map(Story::of)
                    .orElseGet(() -> Json.object().put("id", pod.hex()).build());
            note(new Note(pod, story, List.of(Story.of(known))));
        }
    }

    /** Who removes does not wait for the disk; what is too much is not kept. */
    private void note(Note note) {
        var _ = notes.offer(Optional.of(note));
    }

    private void write() {
        try {
            var writer = directory.new Writer();
            for (var note = notes.take(); note.isPresent(); note = notes.take()) {
                write(writer, note.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Failure e) {
            failed(e);
        }
    }

    private static void write(HistoryDirectory.Writer writer, Note note) {
        try {
            writer.change(note.pod().hex(), before -> merged(before, note));
        } catch (Failure e) {
            failed(e);
        }
    }

    private static void failed(Failure e) {
        log.atWarn()
                .addKeyValue("event", "history-not-kept")
                .log("cannot keep what happened to a pod: {}", e.getMessage());
    }

    private static Json.Obj merged(Json.Obj before, Note note) {
        var all = new ArrayList<>(before.objects("containers"));
        all.addAll(note.container());
        var kept = all.subList(Math.max(0, all.size() - MOST_CONTAINERS), all.size());
        var merged = Json.object();
        before.members().forEach(merged::put);
        note.story().members().forEach(merged::put);
        return merged.putAll("containers", kept).build();
    }

    /** Ends when all that was left here is written. */
    @Override
    public void close() {
        try {
            notes.put(Optional.empty());
            thread.join(CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
