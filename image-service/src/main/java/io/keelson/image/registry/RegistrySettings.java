package io.keelson.image.registry;

import java.time.Duration;
import java.util.List;

/**
 * How long registries are waited for.
 *
 * @param connect to a connection, TLS included
 * @param noProgress without an answer, or without as many bytes as make progress
 * @param mirror the same for a mirror, after which others are asked
 * @param tries of one request, the first included
 * @param firstPause between two tries; doubles with each
 * @param longestPause whatever Retry-After says
 * @param tlsVersions that are spoken, as the platform calls them
 */
public record RegistrySettings(
        Duration connect,
        Duration noProgress,
        Duration mirror,
        int tries,
        Duration firstPause,
        Duration longestPause,
        List<String> tlsVersions) {
    public static final RegistrySettings DEFAULT = new RegistrySettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            5,
            Duration.ofMillis(500),
            Duration.ofSeconds(60));

    public RegistrySettings {
        tlsVersions = List.copyOf(tlsVersions);
    }

    /** By TLS 1.2 or newer. */
    public RegistrySettings(
            Duration connect,
            Duration noProgress,
            Duration mirror,
            int tries,
            Duration firstPause,
            Duration longestPause) {
        this(connect, noProgress, mirror, tries, firstPause, longestPause, List.of("TLSv1.3", "TLSv1.2"));
    }

    /** Fewer bytes than this within the time allowed are no progress. */
    static final int LEAST_PROGRESS_BYTES = 4096;
    /** The same of a mirror: the registry itself may be quicker. */
    static final int LEAST_MIRROR_PROGRESS_BYTES = 256 << 10;

    /** The same, but for how long an answer or progress is waited for. */
    public RegistrySettings waiting(Duration forRegistry, Duration forMirror) {
        return new RegistrySettings(connect, forRegistry, forMirror, tries, firstPause, longestPause, tlsVersions);
    }

    /** The same, but by these versions of TLS. */
    public RegistrySettings speaking(List<String> versions) {
        return new RegistrySettings(connect, noProgress, mirror, tries, firstPause, longestPause, versions);
    }

    /** For the last that can be asked. */
    Effort last() {
        return new Effort(tries, true, new Patience(noProgress, noProgress, LEAST_PROGRESS_BYTES));
    }

    /** For one after which there are others. */
    Effort notLast() {
        return new Effort(1, false, new Patience(mirror, mirror, LEAST_MIRROR_PROGRESS_BYTES));
    }

    /**
     * How often it is tried, and for how long.
     *
     * @param waits whether a host that wants to be left alone for a while is waited for, and not passed over
     */
    record Effort(int tries, boolean waits, Patience patience) {}
}
