package io.keelson.pod.stats;

import io.keelson.pod.Pod;
import io.keelson.pod.container.Container;
import io.keelson.pod.stats.MetricKind.Sample;
import java.time.Instant;
import java.util.List;

/**
 * The metrics of a pod, which are those of its network, and of its containers.
 *
 * @param at when they were looked at
 */
public record PodMetrics(Pod pod, Instant at, List<Sample> samples, List<ContainerMetrics> containers) {
    public PodMetrics {
        samples = List.copyOf(samples);
        containers = List.copyOf(containers);
    }

    /**
     * Of one of its containers that have not ended.
     *
     * @param at when the first of them were looked at; none is older, and the last are younger by a {@linkplain Moments#RECENT moment}
     */
    public record ContainerMetrics(Container container, Instant at, List<Sample> samples) {
        public ContainerMetrics {
            samples = List.copyOf(samples);
        }
    }
}
