package io.keelson.image.registry;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Which servers did not answer lately, whoever asked. Such a one is asked after all others for a while, which doubles with each
 * failure on end; an answer ends it. Thread-safe.
 */
final class RegistryHealth {
    static final Duration FIRST_REST = Duration.ofSeconds(15);
    static final Duration LONGEST_REST = Duration.ofMinutes(5);
    private static final int MAX_ENTRIES = 256;

    private record Trouble(long untilNanos, Duration rest) {}

    private final Map<String, Trouble> troubles = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Trouble> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    private final LongAdder mirrorFailures = new LongAdder();
    private final LongAdder registryFailures = new LongAdder();

    /** How often one did not answer: a mirror, or else a registry itself. */
    long failures(boolean ofMirrors) {
        return (ofMirrors ? mirrorFailures : registryFailures).sum();
    }

    synchronized boolean rests(RegistryEndpoint endpoint, long nowNanos) {
        var trouble = troubles.get(endpoint.host());
        return trouble != null && trouble.untilNanos() - nowNanos > 0;
    }

    /** Failures of several requests that were under way at the same time are one. */
    synchronized void failed(RegistryEndpoint endpoint, long nowNanos) {
        (endpoint.ownsReference() ? registryFailures : mirrorFailures).increment();
        var before = troubles.get(endpoint.host());
        if (before != null && before.untilNanos() - nowNanos > 0) {
            return;
        }
        var doubled = before == null ? FIRST_REST : before.rest().multipliedBy(2);
        var rest = doubled.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : doubled;
        troubles.put(endpoint.host(), new Trouble(nowNanos + rest.toNanos(), rest));
    }

    synchronized void answered(RegistryEndpoint endpoint) {
        troubles.remove(endpoint.host());
    }
}
