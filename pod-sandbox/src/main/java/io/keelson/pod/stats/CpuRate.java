package io.keelson.pod.stats;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much of a core is used now: the growth of a counter over a window that is long enough to mean something, and short enough to be
 * "now". Whoever measures moves the window on, whether for a caller or for the next one.
 */
final class CpuRate {
    static final Duration SHORTEST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(60);

    private record Sample(long atNanos, long cpuNanos) {}

    private Optional<Sample> older = Optional.empty();
    private Optional<Sample> newer = Optional.empty();

    /**
     * Nanoseconds of CPU time a second; absent until there is a window.
     *
     * @param atNanos of a clock that only goes forward
     */
    synchronized OptionalLong measure(long atNanos, long cpuNanos) {
        var begin = isOld(newer, atNanos) ? newer : older;
        if (newer.isEmpty() || isOld(newer, atNanos)) {
            older = newer;
            newer = Optional.of(new Sample(atNanos, cpuNanos));
        }
        return begin.isPresent() ? rate(begin.get(), atNanos, cpuNanos) : OptionalLong.empty();
    }

    private static boolean isOld(Optional<Sample> sample, long atNanos) {
        return sample.isPresent() && atNanos - sample.get().atNanos() >= SHORTEST.toNanos();
    }

    /** A counter that has gone back is another group's of the same name. A thread may be late with what it has read. */
    private static OptionalLong rate(Sample begin, long atNanos, long cpuNanos) {
        var window = atNanos - begin.atNanos();
        var used = cpuNanos - begin.cpuNanos();
        return window <= 0 || window > LONGEST.toNanos() || used < 0
                ? OptionalLong.empty()
                : OptionalLong.of((long) ((double) used * Duration.ofSeconds(1).toNanos() / window));
    }
}
