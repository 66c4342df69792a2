package io.keelson.server;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Optional;
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

    private final Optional<MemoryPoolMXBean> old = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
            .findFirst();
    private final NotificationListener listener = (notification, _) -> hear(notification);

    OldGarbage() {
        memory().addNotificationListener(listener, null, null);
        old.ifPresent(
                pool -> pool.setUsageThreshold(threshold(0, pool.getUsage().getMax())));
    }

    private static NotificationEmitter memory() {
        return (NotificationEmitter) ManagementFactory.getMemoryMXBean();
    }

    private void hear(Notification notification) {
        if (notification.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED)) {
            System.gc();
            old.ifPresent(pool -> {
                var usage = pool.getUsage();
                pool.setUsageThreshold(threshold(usage.getUsed(), usage.getMax()));
            });
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
        try {
            memory().removeNotificationListener(listener);
        } catch (ListenerNotFoundException e) {
            throw new IllegalStateException("it was added", e);
        }
    }
}
