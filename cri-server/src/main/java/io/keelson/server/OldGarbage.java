package io.keelson.server;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;

/**
 * Keeps the heap small under load. The serial collector takes memory from the machine, up to the heap's limit, before it looks through
 * the old generation, where each quick collection in the midst of a pull leaves something that dies a moment later. So that
 * generation is collected when it has grown to {@link #FLOOR_BYTES}, or to half as much again as is in use.
 */
final class OldGarbage implements AutoCloseable {
    /** With the young generation, and what comes until it is collected, less than half of the heap's limit. */
    static final long FLOOR_BYTES = 40L << 20;

    /** The classes that this takes would cost the start a tenth of a second, and there is no garbage yet. */
    private static final Duration AFTER_START = Duration.ofSeconds(1);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread watcher;

    OldGarbage() {
        watcher = Thread.ofVirtual().name("old-garbage").start(this::watch);
    }

    private void watch() {
        try {
            if (!closed.await(AFTER_START.toMillis(), TimeUnit.MILLISECONDS)) {
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
                        .findFirst()
                        .ifPresent(this::listen);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until this is closed. */
    private void listen(MemoryPoolMXBean old) {
        var memory = (NotificationEmitter) ManagementFactory.getMemoryMXBean();
        NotificationListener listener = (notification, _) -> hear(notification, old);
        memory.addNotificationListener(listener, null, null);
        old.setUsageThreshold(threshold(0, old.getUsage().getMax()));
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            forget(memory, listener);
        }
    }

    private static void forget(NotificationEmitter memory, NotificationListener listener) {
        try {
            memory.removeNotificationListener(listener);
        } catch (ListenerNotFoundException e) {
            throw new IllegalStateException("it was added", e);
        }
    }

    private static void hear(Notification notification, MemoryPoolMXBean old) {
        if (notification.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED)) {
            System.gc();
            var usage = old.getUsage();
            old.setUsageThreshold(threshold(usage.getUsed(), usage.getMax()));
        }
    }

    /**
     * When to look again: not as long as nearly all would be in use.
     *
     * @param usedBytes after a collection
     * @param maxBytes that it can be; -1 where nobody knows
     */
    static long threshold(long usedBytes, long maxBytes) {
        var wanted = Math.max(FLOOR_BYTES, usedBytes + usedBytes / 2);
        return maxBytes < 0 ? wanted : Math.min(wanted, maxBytes - maxBytes / 8);
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
