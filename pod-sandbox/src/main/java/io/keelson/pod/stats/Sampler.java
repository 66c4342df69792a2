package io.keelson.pod.stats;

import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodState;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import java.time.Duration;
import java.util.HashSet;

/** Looks at the CPU time of everything now and then: one small file each, so that whoever asks is told of the last few seconds. */
public final class Sampler {
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final PodCatalog pods;
    private final ContainerCatalog containers;
    private final Meters meters;

    public Sampler(PodCatalog pods, ContainerCatalog containers, Meters meters) {
        this.pods = pods;
        this.containers = containers;
        this.meters = meters;
    }

    /** Until it is closed. */
    public AutoCloseable start() {
        return Rounds.start("cpu-sampler", PERIOD, this::sample);
    }

    void sample() {
        var ids = new HashSet<String>();
        for (var pod : pods.list(PodFilter.all())) {
            if (pod.state() == PodState.READY) {
                ids.add(pod.id().hex());
                meters.of(pod.id().hex(), pod.cgroupPath()).sample();
            }
        }
        for (var container : containers.list(ContainerFilter.all())) {
            if (UsageReader.isThere(container)) {
                ids.add(container.id().hex());
                meters.of(container.id().hex(), container.cgroup()).sample();
            }
        }
        meters.keep(ids);
    }
}
