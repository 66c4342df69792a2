package io.keelson.host.lifecycle;

import java.time.Duration;

/** A point on the monotonic clock by which something must be done. Unaffected by changes of the wall clock. */
public final class Deadline {
    private final long nanoTime;

    private Deadline(long nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** At most a century ahead, so that no arithmetic overflows. */
    public static Deadline in(Duration duration) {
        var century = Duration.ofDays(36_500);
        return new Deadline(System.nanoTime() + (duration.compareTo(century) > 0 ? century : duration).toNanos());
    }

    /** Zero once it has passed, never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
    }

    /** For {@code poll(2)} and its like: rounded up, so that waiting for it does not end just before it. */
    public int remainingMillis() {
        return (int) Math.min(Integer.MAX_VALUE, (remaining().toNanos() + 999_999) / 1_000_000);
    }

    public boolean hasPassed() {
        return nanoTime - System.nanoTime() <= 0;
    }

    public Deadline orEarlier(Deadline other) {
        return nanoTime - other.nanoTime <= 0 ? this : other;
    }
}
