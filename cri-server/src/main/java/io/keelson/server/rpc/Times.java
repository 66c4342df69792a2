package io.keelson.server.rpc;

import java.time.Duration;
import java.time.Instant;

/** CRI's points in time: nanoseconds since 1970. */
final class Times {
    private Times() {}

    /** What a caller may ask to wait for; beyond it lies what no clock here can count. */
    private static final long LONGEST_SECONDS = Duration.ofDays(36_500).toSeconds();

    /** A time to wait for, as the wire has it; less than none is none. */
    static Duration seconds(long seconds) {
        return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_SECONDS));
    }

    static long now() {
        return nanos(Instant.now());
    }

    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
