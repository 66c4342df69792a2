package io.keelson.pod;

import java.util.Map;
import java.util.Optional;

/**
 * Which pods to list: those to which all of it applies (CRI v1, PodSandboxFilter).
 *
 * @param id a whole id or its beginning; empty for any
 */
public record PodFilter(String id, Optional<PodState> state, Map<String, String> labels) {
    public PodFilter {
        labels = Map.copyOf(labels);
    }

    public static PodFilter all() {
        return new PodFilter("", Optional.empty(), Map.of());
    }

    boolean accepts(Pod pod) {
        return pod.id().hex().startsWith(id)
                && state.map(wanted -> wanted == pod.state()).orElse(true)
                && pod.spec().labels().entrySet().containsAll(labels.entrySet());
    }
}
