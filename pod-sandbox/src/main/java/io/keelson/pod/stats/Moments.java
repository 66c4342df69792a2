package io.keelson.pod.stats;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Tells when something is read, and whether that is so short a time ago that others who ask may be told the same. */
public final class Moments {
    /**
     * Who asks for several lists, one after the other, is told of one reading: on a node with 110 pods that is not busy they are made in
     * less than half of this. It is a fifth of the shortest time between two looks that anybody makes.
     */
    static final Duration RECENT = Duration.ofMillis(200);

    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /** @param nanoTime of a clock that only goes forward, whatever somebody sets the other one to */
    public Moments(InstantSource clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** @param nanos to be compared with those of other moments alone */
    record Moment(Instant at, long nanos) {}

    /** To be asked before something is read: what is told is never older than it is said to be. */
    Moment now() {
        var nanos = nanoTime.getAsLong();
        return new Moment(clock.instant(), nanos);
    }

    boolean isRecent(Moment moment) {
        return nanoTime.getAsLong() - moment.nanos() <= RECENT.toNanos();
    }
}
