package io.keelson.pod.history;

import io.keelson.host.failure.Failure;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down what is noted of pods, until the empty note. A disk that does not take it costs what is noted meanwhile, and no more. */
final class HistoryWriter implements Runnable {
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);
    private static final Logger log = LoggerFactory.getLogger(HistoryWriter.class);

    private final HistoryDirectory directory;
    private final BlockingQueue<Optional<Note>> notes;
    private Optional<HistoryDirectory.Writer> writer = Optional.empty();

    /** The last try of each pod that could not be made; a caller tries for ever, and the others are not to go for that. */
    private final Map<String, String> lastTries = new LinkedHashMap<>();

    private long warnedNanos = System.nanoTime() - BETWEEN_WARNINGS.toNanos();

    HistoryWriter(HistoryDirectory directory, BlockingQueue<Optional<Note>> notes) {
        this.directory = directory;
        this.notes = notes;
    }

    @Override
    public void run() {
        try {
            for (var note = notes.take(); note.isPresent(); note = notes.take()) {
                write(note.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Note note) {
        try {
            var open = writer.orElseGet(() -> directory.new Writer());
            writer = Optional.of(open);
            note.request().ifPresent(request -> forgetLastTry(open, request, note));
            open.change(note.pod().hex(), note::after);
        } catch (Failure e) {
            failed(e);
        }
    }

    private void forgetLastTry(HistoryDirectory.Writer open, String request, Note note) {
        Optional.ofNullable(lastTries.remove(request)).ifPresent(open::forget);
        lastTries.put(request, note.pod().hex());
        if (lastTries.size() > HistoryDirectory.MOST_PODS) {
            lastTries.remove(lastTries.keySet().iterator().next());
        }
    }

    private void failed(Failure e) {
        var now = System.nanoTime();
        if (now - warnedNanos < BETWEEN_WARNINGS.toNanos()) {
            return;
        }
        warnedNanos = now;
        log.atWarn()
                .addKeyValue("event", "history-not-kept")
                .log("cannot keep what happened to a pod: {}", e.getMessage());
    }
}
