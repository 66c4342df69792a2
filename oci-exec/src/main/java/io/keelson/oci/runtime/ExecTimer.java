package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a command when its time is up: the command first and not the runtime, which is its parent and takes its exit code. A
 * command whose parent is killed becomes a child of the container's first process, and stays a zombie if that waits for nobody.
 */
final class ExecTimer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ExecTimer.class);

    private enum State {
        WAITING,
        FIRED,
        CLOSED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final Thread thread;

    ExecTimer(Duration timeout, Runnable kill) {
        thread = Thread.ofVirtual().name("exec-timer").start(() -> {
            try {
                Thread.sleep(timeout);
            } catch (InterruptedException e) {
                return;
            }
            if (!state.compareAndSet(State.WAITING, State.FIRED)) {
                return;
            }
            try {
                kill.run();
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "exec-not-killed")
                        .log("cannot kill a command whose time is up: {}", e.getMessage());
            }
        });
    }

    boolean hasFired() {
        return state.get() == State.FIRED;
    }

    /** A kill that is under way is waited for. */
    @Override
    public void close() {
        if (state.compareAndSet(State.WAITING, State.CLOSED)) {
            thread.interrupt();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
