package io.keelson.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT as something to wait for. The virtual machine ends when its shutdown hooks have, so the hook waits until the
 * daemon says that it is done, though not forever.
 */
final class Shutdown implements AutoCloseable {
    /** systemd and kubelet's node shutdown are told that the daemon ends within 10 s. */
    static final Duration LIMIT = Duration.ofSeconds(9);

    private final CountDownLatch wanted = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean wasOrderly;

    static Shutdown onSignal() {
        var shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(shutdown::signalled, "shutdown"));
        return shutdown;
    }

    /** Returns when a signal came. */
    void await() throws InterruptedException {
        wanted.await();
    }

    /** The daemon has closed everything, because it was told to. */
    void ended() {
        wasOrderly = true;
    }

    /** There is nothing more to wait for. */
    @Override
    public void close() {
        over.countDown();
    }

    private void signalled() {
        wanted.countDown();
        try {
            if (over.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS) && wasOrderly) {
                // An end that was asked for is no error: without this the status would be 128 and the signal.
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
