package io.keelson.host.lifecycle;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back from an operation of several steps. Each step says beside itself how to take it back; closing without
 * {@link #commit} takes the steps back in reverse order. An undo that fails is logged with its description and does not
 * stop the others. Undo steps bring their own deadlines, since the caller's has usually just passed, and must be safe to
 * run for a step that was never, or only half, done. Used by one thread.
 */
public final class Rollback implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rollback.class);

    /** Takes one step back; may fail in any way. */
    @FunctionalInterface
    public interface Undo {
        void run() throws Exception;
    }

    private record Step(String description, Undo undo) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final List<String> failed = new ArrayList<>();

    /** Remembers how to take back what is about to be done, or was just done. */
    public void add(String description, Undo undo) {
        steps.push(new Step(description, undo));
    }

    /** Keeps everything that was done. */
    public void commit() {
        steps.clear();
    }

    /** Descriptions of the undo steps that failed, in the order in which they ran. An undo step may ask for those before it. */
    public List<String> failed() {
        return List.copyOf(failed);
    }

    @Override
    public void close() {
        // An interrupt stopped the work; it must not stop the way back.
        var interrupted = Thread.interrupted();
        while (!steps.isEmpty()) {
            var step = steps.pop();
            try {
                step.undo().run();
            } catch (Exception e) {
                interrupted |= e instanceof InterruptedException;
                failed.add(step.description());
                log.atError()
                        .addKeyValue("event", "undo-failed")
                        .addKeyValue("step", step.description())
                        .setCause(e)
                        .log("cannot undo: {}", step.description());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
