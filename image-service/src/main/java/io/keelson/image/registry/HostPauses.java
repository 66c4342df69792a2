package io.keelson.image.registry;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which servers have asked to be left alone (Retry-After), whoever it was that they said it to. Thread-safe. */
final class HostPauses {
    private static final int MAX_ENTRIES = 256;

    private final Map<String, Long> untilNanos = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    /** The longest that was asked for counts. */
    synchronized void ask(RegistryEndpoint endpoint, Duration pause, long nowNanos) {
        if (pause.compareTo(left(endpoint, nowNanos)) > 0) {
            untilNanos.put(endpoint.host(), nowNanos + pause.toNanos());
        }
    }

    /** For how long it is to be left alone from now on; zero if it is not. */
    synchronized Duration left(RegistryEndpoint endpoint, long nowNanos) {
        var until = untilNanos.get(endpoint.host());
        if (until == null || until - nowNanos <= 0) {
            untilNanos.remove(endpoint.host());
            return Duration.ZERO;
        }
        return Duration.ofNanos(until - nowNanos);
    }
}
