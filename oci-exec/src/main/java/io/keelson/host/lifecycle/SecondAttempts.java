package io.keelson.host.lifecycle;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is worth finishing though it failed, and though whoever asked for it was told so and does not come back: it is tried
 * again by itself, less and less often. Only for work that may be done twice.
 */
public final class SecondAttempts implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Logger log = LoggerFactory.getLogger(SecondAttempts.class);

    private final Duration firstPause;
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public SecondAttempts() {
        this(FIRST_PAUSE);
    }

    public SecondAttempts(Duration firstPause) {
        this.firstPause = firstPause;
    }

    /** Does it here and now. What it throws is thrown, and it is tried again later. */
    public void run(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            later(what, work);
            throw e;
        }
    }

    /** Of work that was tried and has failed: not before a pause. */
    public void later(String what, Runnable work) {
        if (!waiting.add(what)) {
            return;
        }
        try {
            threads.execute(() -> {
                try {
                    untilItSucceeds(what, work);
                } catch (InterruptedException e) {
                    // The program ends.
                    Thread.currentThread().interrupt();
                } finally {
                    waiting.remove(what);
                }
            });
        } catch (RejectedExecutionException e) {
            waiting.remove(what);
        }
    }

    private void untilItSucceeds(String what, Runnable work) throws InterruptedException {
        for (var pause = firstPause; ; pause = longer(pause)) {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            try {
                work.run();
                log.atInfo().addKeyValue("event", "done-later").log("{}: done by a later attempt", what);
                return;
            } catch (RuntimeException e) {
                log.atWarn().addKeyValue("event", "tried-again").log("{}: failed again: {}", what, e.getMessage());
            }
        }
    }

    private static Duration longer(Duration pause) {
        var twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    /** What waits is given up. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
