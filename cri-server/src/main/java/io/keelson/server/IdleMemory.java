package io.keelson.server;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Gives memory back once nothing has happened for a while. The serial collector shrinks the heap only when it collects, and a daemon
 * without work never has to; what the C library holds then follows by itself (TrimNativeHeapInterval).
 */
final class IdleMemory implements AutoCloseable {
    static final Duration IDLE = Duration.ofSeconds(10);

    private final LongSupplier operations;
    private final Runnable collect;
    private final Duration idle;
    private final Thread watcher;

    /** @param operations grows with everything that begins or ends */
    IdleMemory(LongSupplier operations) {
        this(operations, System::gc, IDLE);
    }

    IdleMemory(LongSupplier operations, Runnable collect, Duration idle) {
        this.operations = operations;
        this.collect = collect;
        this.idle = idle;
        this.watcher = Thread.ofVirtual().name("idle-memory").start(this::watch);
    }

    private void watch() {
        var collectedAt = -1L;
        var before = operations.getAsLong();
        try {
            while (true) {
                Thread.sleep(idle);
                var now = operations.getAsLong();
                if (now == before && now != collectedAt) {
                    collect.run();
                    collectedAt = now;
                }
                before = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
