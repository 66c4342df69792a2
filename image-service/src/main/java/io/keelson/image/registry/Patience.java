package io.keelson.image.registry;

import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param answer to the beginning of its answer
 * @param leastBytes of a body that are progress; without so many in {@code noProgress} it is given up
 */
record Patience(Duration answer, Duration noProgress, int leastBytes) {}
