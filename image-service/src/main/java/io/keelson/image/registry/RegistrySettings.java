package io.keelson.image.registry;

import java.time.Duration;

/**
 * How long registries are waited for.
 *
 * @param connect to a connection, TLS included
 * @param noProgress without an answer, or without as many bytes as make progress
 * @param mirror the same for a mirror, after which others are asked
 * @param tries of one request, the first included
 * @param firstPause between two tries; doubles with each
 * @param longestPause whatever Retry-After says
 */
public record RegistrySettings(
        Duration connect, Duration noProgress, Duration mirror, int tries, Duration firstPause, Duration longestPause) {
    public static final RegistrySettings DEFAULT = new RegistrySettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            5,
            Duration.ofMillis(500),
            Duration.ofSeconds(60));

    /** Fewer bytes than this within the time allowed are no progress. */
    static final int LEAST_PROGRESS_BYTES = 4096;
    /** The same of a mirror: the registry itself may be quicker. */
    static final int LEAST_MIRROR_PROGRESS_BYTES = 256 << 10;

    /** The same, but for how long an answer or progress is waited for. */
    public RegistrySettings waiting(Duration forRegistry, Duration forMirror) {
        return new RegistrySettings(connect, forRegistry, forMirror, tries, firstPause, longestPause);
    }

    /** For the last that can be asked. */
    Effort last() {
        return new Effort(tries, new Patience(noProgress, noProgress, LEAST_PROGRESS_BYTES));
    }

    /** For one after which there are others. */
    Effort notLast() {
        return new Effort(1, new Patience(mirror, mirror, LEAST_MIRROR_PROGRESS_BYTES));
    }

    /** How often it is tried, and for how long. */
    record Effort(int tries, Patience patience) {}
}
