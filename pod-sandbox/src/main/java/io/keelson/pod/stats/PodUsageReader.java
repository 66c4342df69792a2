package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodId;
import io.keelson.pod.PodState;
import io.keelson.pod.container.Container;
import io.keelson.pod.stats.PodUsage.ProcessCount;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads what pods use from their cgroups and network namespaces, when it is asked for. Who asks for one is told what it and its
 * containers use now; lists may be told of readings that were made for others a {@linkplain Moments#RECENT moment} ago.
 */
public final class PodUsageReader {
    private final PodCatalog pods;
    private final PodNetworks networks;
    private final UsageReader containers;
    private final Meters meters;
    private final InstantSource clock;

    public PodUsageReader(
            PodCatalog pods, PodNetworks networks, UsageReader containers, Meters meters, InstantSource clock) {
        this.pods = pods;
        this.networks = networks;
        this.containers = containers;
        this.meters = meters;
        this.clock = clock;
    }

    /** @throws Failure ABSENT if there is no such pod, WRONG_STATE if it is not ready */
    public PodUsage of(String idOrPrefix) {
        var pod = pods.get(idOrPrefix);
        if (pod.state() != PodState.READY) {
            throw Failure.wrongState("it was stopped, and uses nothing");
        }
        return read(pod, networks.read(List.of(pod)).getFirst(), containers.there(), Meter::read);
    }

    /** Those that are ready: their networks are visited first, and each is looked at when the stream comes to it. */
    public Stream<PodUsage> list(PodFilter filter) {
        var ready = pods.list(filter).stream()
                .filter(pod -> pod.state() == PodState.READY)
                .toList();
        var usages = networks.recent(ready).iterator();
        var there = containers.there();
        return ready.stream().map(pod -> read(pod, usages.next(), there, Meter::recent));
    }

    /** Of a pod that is being stopped, what is still there. */
    private PodUsage read(
            Pod pod, NetworkUsage network, Map<PodId, List<Container>> there, Function<Meter, Reading> how) {
        var meter = meters.of(pod.id().hex(), pod.cgroupPath());
        var reading = how.apply(meter);
        return new PodUsage(
                pod,
                reading.at(),
                reading.usage(),
                reading.cpuRate(),
                new ProcessCount(clock.instant(), meter.processCount()),
                network,
                containers.read(there.getOrDefault(pod.id(), List.of()), how));
    }
}
