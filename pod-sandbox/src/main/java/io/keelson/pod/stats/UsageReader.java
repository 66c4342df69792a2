package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerState;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what containers use from their cgroups, when it is asked for. */
public final class UsageReader {
    private final ContainerCatalog catalog;
    private final Meters meters;
    private final WritableLayers layers;
    private final InstantSource clock;

    public UsageReader(ContainerCatalog catalog, Meters meters, WritableLayers layers, InstantSource clock) {
        this.catalog = catalog;
        this.meters = meters;
        this.layers = layers;
        this.clock = clock;
    }

    /** @throws Failure ABSENT if there is no such container, WRONG_STATE if it has ended */
    public ContainerUsage of(String idOrPrefix) {
        var container = catalog.get(idOrPrefix);
        return read(container).orElseThrow(() -> Failure.wrongState("it has ended, and uses nothing"));
    }

    /** Those that have not ended, each looked at when the stream comes to it. */
    public Stream<ContainerUsage> list(ContainerFilter filter) {
        return catalog.list(filter).stream().flatMap(container -> read(container).stream());
    }

    /** Of each pod, those that have not ended. */
    Map<PodId, List<Container>> there() {
        return catalog.list(ContainerFilter.all()).stream()
                .filter(UsageReader::isThere)
                .collect(Collectors.groupingBy(Container::pod));
    }

    /** What those that are still there use. */
    List<ContainerUsage> read(List<Container> containers) {
        return containers.stream()
                .flatMap(container -> read(container).stream())
                .toList();
    }

    private Optional<ContainerUsage> read(Container container) {
        if (!isThere(container)) {
            return Optional.empty();
        }
        var meter = meters.of(container.id().hex(), container.cgroup());
        var at = clock.instant();
        var usage = meter.look().usage();
        return usage.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new ContainerUsage(container, at, usage, meter.cpuRate(usage), layers.of(container.id())));
    }

    /** Whether it has processes, or its first one waits to be let go. */
    static boolean isThere(Container container) {
        return switch (container.state()) {
            case ContainerState.Created _, ContainerState.Running _ -> true;
            case ContainerState.Exited _, ContainerState.Lost _ -> false;
        };
    }
}
