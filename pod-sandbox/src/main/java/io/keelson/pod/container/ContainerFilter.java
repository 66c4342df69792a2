package io.keelson.pod.container;

import io.keelson.pod.PodId;
import java.util.Map;
import java.util.Optional;

/**
 * Which containers to list: those to which all of it applies (CRI v1, ContainerFilter).
 *
 * @param id a whole id or its beginning, as is {@code podId}; empty for any
 */
public record ContainerFilter(
        String id, String podId, Optional<ContainerState.Kind> state, Map<String, String> labels) {
    public ContainerFilter {
        labels = Map.copyOf(labels);
    }

    public static ContainerFilter all() {
        return new ContainerFilter("", "", Optional.empty(), Map.of());
    }

    /** All of one pod. */
    public static ContainerFilter ofPod(PodId pod) {
        return new ContainerFilter("", pod.hex(), Optional.empty(), Map.of());
    }

    boolean accepts(Container container) {
        return container.id().hex().startsWith(id)
                && container.pod().hex().startsWith(podId)
                && state.map(wanted -> wanted == container.state().kind()).orElse(true)
                && container.config().labels().entrySet().containsAll(labels.entrySet());
    }
}
