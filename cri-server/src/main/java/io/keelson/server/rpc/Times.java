package io.keelson.server.rpc;

import java.time.Instant;

/** CRI's points in time: nanoseconds since 1970. */
final class Times {
    private Times() {}

    static long now() {
        return nanos(Instant.now());
    }

    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
