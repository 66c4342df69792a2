package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what containers use from their cgroups, when it is asked for. Who asks for one is told what it uses now; lists may be told
 * of a reading that was made for another a {@linkplain Moments#RECENT moment} ago.
 */
public final class UsageReader {
    private final ContainerCatalog catalog;
    private final Meters meters;
    private final WritableLayers layers;

    public UsageReader(ContainerCatalog catalog, Meters meters, WritableLayers layers) {
        this.catalog = catalog;
        this.meters = meters;
        this.layers = layers;
    }

    /** @throws Failure ABSENT if there is no such container, WRONG_STATE if it has ended */
    public ContainerUsage of(String idOrPrefix) {
        var container = catalog.get(idOrPrefix);
        return read(container, Meter::read).orElseThrow(() -> Failure.wrongState("it has ended, and uses nothing"));
    }

    /** Those that have not ended, each looked at when the stream comes to it. */
    public Stream<ContainerUsage> list(ContainerFilter filter) {
        return catalog.list(filter).stream().flatMap(container -> read(container, Meter::recent).stream());
    }

    /** Of each pod, those that have not ended. */
    Map<PodId, List<Container>> there() {
        return catalog.list(ContainerFilter.all()).stream()
                .filter(UsageReader::isThere)
                .collect(Collectors.groupingBy(Container::pod));
    }

    /** What those that are still there use, by new readings or by recent ones. */
    List<ContainerUsage> read(List<Container> containers, Function<Meter, Reading> how) {
        return containers.stream()
                .flatMap(container -> read(container, how).stream())
                .toList();
    }

    private Optional<ContainerUsage> read(Container container, Function<Meter, Reading> how) {
        if (!isThere(container)) {
            return Optional.empty();
        }
        var reading = how.apply(meters.of(container.id().hex(), container.cgroup()));
        return reading.usage().isEmpty()
                ? Optional.empty()
                : Optional.of(new ContainerUsage(
                        container, reading.at(), reading.usage(), reading.cpuRate(), layers.of(container.id())));
    }

    /** Whether it has processes, or its first one waits to be let go. */
    static boolean isThere(Container container) {
        return switch (container.state()) {
            case ContainerState.Created _, ContainerState.Running _ -> true;
            case ContainerState.Exited _, ContainerState.Lost _ -> false;
        };
    }
}
