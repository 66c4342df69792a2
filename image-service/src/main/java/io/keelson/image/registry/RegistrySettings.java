package io.keelson.image.registry;

import java.time.Duration;

/**
 * How long registries are waited for.
 *
 * @param connect to a connection, TLS included
 * @param noProgress without an answer, or without as many bytes as make progress
 * @param tries of one request, the first included
 * @param firstPause between two tries; doubles with each
 * @param longestPause whatever Retry-After says
 */
public record RegistrySettings(
        Duration connect, Duration noProgress, int tries, Duration firstPause, Duration longestPause) {
    public static final RegistrySettings DEFAULT = new RegistrySettings(
            Duration.ofSeconds(10), Duration.ofSeconds(60), 5, Duration.ofMillis(500), Duration.ofSeconds(60));
}
