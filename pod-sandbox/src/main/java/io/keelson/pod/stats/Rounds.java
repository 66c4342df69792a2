package io.keelson.pod.stats;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that is done again and again on a thread of its own, which nobody waits for. */
final class Rounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final long STACK_BYTES = 256 * 1024;
    private static final Duration LAST_ROUND = Duration.ofSeconds(2);

    private final Thread thread;

    private Rounds(Thread thread) {
        this.thread = thread;
    }

    static Rounds start(String name, Duration pause, Runnable round) {
        return new Rounds(
                Thread.ofPlatform().name(name).daemon().stackSize(STACK_BYTES).start(() -> run(name, pause, round)));
    }

    private static void run(String name, Duration pause, Runnable round) {
        try {
            while (true) {
                Thread.sleep(pause);
                attempt(name, round);
            }
        } catch (InterruptedException e) {
            // It was closed.
            return;
        }
    }

    private static void attempt(String name, Runnable round) {
        try {
            round.run();
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("event", name + "-failed").setCause(e).log("cannot measure");
        }
    }

    /** A round that hangs in the kernel is left behind. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(LAST_ROUND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
