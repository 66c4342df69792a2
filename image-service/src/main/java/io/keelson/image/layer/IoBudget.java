package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import java.util.concurrent.TimeUnit;

/** How quickly something that can wait may read. Each reading has a budget of its own. */
public interface IoBudget {
    /** As quickly as the disk can. */
    IoBudget UNLIMITED = bytes -> {};

    /**
     * These were read; returns when more may be.
     *
     * @throws Failure CANCELLED if the reader is interrupted
     */
    void spend(long bytes);

    /** So many on the average, from the first one on. */
    static IoBudget perSecond(long bytesPerSecond) {
        return new IoBudget() {
            private final long begun = System.nanoTime();
            private long spent;

            @Override
            public void spend(long bytes) {
                spent += bytes;
                var due = (long) ((double) spent / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
                var early = due - (System.nanoTime() - begun);
                try {
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, early));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new Failure(Failure.Kind.CANCELLED, "interrupted", e);
                }
            }
        };
    }
}
