package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerState;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what containers use from their cgroups, when it is asked for. */
public final class UsageReader {
    private final ContainerCatalog catalog;
    private final Cgroups cgroups;
    private final InstantSource clock;

    public UsageReader(ContainerCatalog catalog, Cgroups cgroups, InstantSource clock) {
        this.catalog = catalog;
        this.cgroups = cgroups;
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

    private Optional<ContainerUsage> read(Container container) {
        return switch (container.state()) {
            case ContainerState.Created _, ContainerState.Running _ ->
                cgroups.usage(container.cgroup()).map(usage -> new ContainerUsage(container, clock.instant(), usage));
            case ContainerState.Exited _, ContainerState.Lost _ -> Optional.empty();
        };
    }
}
