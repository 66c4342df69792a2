package io.keelson.server.events;

import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.Pod;
import io.keelson.pod.container.Container;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One change, with all that there was of the pod right after it.
 *
 * @param id of the container that changed or, if it was the pod, of that
 * @param at not later than the pod and the containers were looked at, and later than every report before it
 * @param pod absent if it had gone by then
 * @param containers of the pod, those that were left
 */
public record LifeReport(Change change, String id, Instant at, Optional<Pod> pod, List<Container> containers) {
    public LifeReport {
        containers = List.copyOf(containers);
    }
}
