package io.keelson.image.layer;

import java.util.concurrent.atomic.AtomicLong;

/** How far something is that reads much, as quickly as the disk can: written by who does it, read by who shows it. */
public final class Advance implements IoBudget {
    private final AtomicLong all = new AtomicLong();
    private final AtomicLong done = new AtomicLong();

    /** So much more is to be read. */
    public void expect(long bytes) {
        all.addAndGet(bytes);
    }

    @Override
    public void spend(long bytes) {
        done.addAndGet(bytes);
    }

    /** What is dealt with by now, also if not all of it had to be read. */
    public void reach(long bytes) {
        done.set(bytes);
    }

    /** Zero until that is known. */
    public long all() {
        return all.get();
    }

    public long done() {
        return done.get();
    }
}
