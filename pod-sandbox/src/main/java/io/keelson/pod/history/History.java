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
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what happened to pods and containers when they are removed and their records go, or could not be made and never had any
 * (decision 0037). Whoever removes them leaves a reference here and does not wait; a thread writes it down.
 */
public final class History implements LifeListener, AutoCloseable {
    private static final int LONGEST_QUEUE = 10_000;
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final PodCatalog pods;
    private final ContainerCatalog containers;
    private final InstantSource clock;
    private final Map<String, Container> last = new ConcurrentHashMap<>();

    /** What is to be written; the empty one is the last. */
    private final BlockingQueue<Optional<Note>> notes = new ArrayBlockingQueue<>(LONGEST_QUEUE);

    private final Thread thread;

    public History(HistoryDirectory directory, PodCatalog pods, ContainerCatalog containers, InstantSource clock) {
        this.pods = pods;
        this.containers = containers;
        this.clock = clock;
        thread = Thread.ofVirtual().name("history").unstarted(new HistoryWriter(directory, notes));
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
            note(Note.of(pod));
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
            note(new Note(pod, story, List.of(Story.of(known)), Optional.empty(), Optional.empty()));
        }
    }

    /** A daemon that ends interrupts what it makes: that is no failure of the pod. */
    @Override
    public void startFailed(Pod pod, Failure why) {
        if (why.kind() != Failure.Kind.CANCELLED) {
            var isMade = pods.find(pod.id().hex()).isPresent();
            note(Note.of(pod, Story.of(why, clock.instant()), isMade));
        }
    }

    /** Who removes does not wait for the disk; what is too much is not kept. */
    private void note(Note note) {
        var _ = notes.offer(Optional.of(note));
    }

    /** Ends when all that was left here is written. */
    @Override
    public void close() {
        try {
            if (notes.offer(Optional.empty(), CLOSE.toSeconds(), TimeUnit.SECONDS)) {
                thread.join(CLOSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
