package io.keelson.pod.stats;

import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodState;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.stats.InterfaceUsage.Traffic;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.pod.stats.PodMetrics.ContainerMetrics;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** Reads the metrics of {@link MetricKind}, when they are asked for. */
public final class PodMetricsReader {
    private final PodCatalog pods;
    private final PodNetworks networks;
    private final ContainerCatalog containers;
    private final ContainerMetricsReader reader;
    private final InstantSource clock;

    public PodMetricsReader(
            PodCatalog pods,
            PodNetworks networks,
            ContainerCatalog containers,
            ContainerMetricsReader reader,
            InstantSource clock) {
        this.pods = pods;
        this.networks = networks;
        this.containers = containers;
        this.reader = reader;
        this.clock = clock;
    }

    /** Of pods that are ready: their networks are visited first, and each is looked at when the stream comes to it. */
    public Stream<PodMetrics> list() {
        var ready = pods.list(PodFilter.all()).stream()
                .filter(pod -> pod.state() == PodState.READY)
                .toList();
        var usages = networks.of(ready).iterator();
        return ready.stream().map(pod -> read(pod, usages.next()));
    }

    private PodMetrics read(Pod pod, NetworkUsage network) {
        return new PodMetrics(
                pod,
                network.at(),
                network.interfaces().stream().flatMap(PodMetricsReader::samples).toList(),
                containers.list(ContainerFilter.ofPod(pod.id())).stream()
                        .filter(UsageReader::isThere)
                        .map(container -> new ContainerMetrics(
                                container,
                                clock.instant(),
                                reader.read(container).toList()))
                        .filter(metrics -> !metrics.samples().isEmpty())
                        .toList());
    }

    private static Stream<Sample> samples(InterfaceUsage usage) {
        return Stream.concat(received(usage.name(), usage.received()), sent(usage.name(), usage.transmitted()));
    }

    private static Stream<Sample> received(String name, Traffic traffic) {
        return List.of(
                        MetricKind.NETWORK_RECEIVE_BYTES.is(traffic.bytes(), name),
                        MetricKind.NETWORK_RECEIVE_PACKETS.is(traffic.packets(), name),
                        MetricKind.NETWORK_RECEIVE_DROPPED.is(traffic.dropped(), name),
                        MetricKind.NETWORK_RECEIVE_ERRORS.is(traffic.errors(), name))
                .stream()
                .flatMap(each -> each);
    }

    private static Stream<Sample> sent(String name, Traffic traffic) {
        return List.of(
                        MetricKind.NETWORK_TRANSMIT_BYTES.is(traffic.bytes(), name),
                        MetricKind.NETWORK_TRANSMIT_PACKETS.is(traffic.packets(), name),
                        MetricKind.NETWORK_TRANSMIT_DROPPED.is(traffic.dropped(), name),
                        MetricKind.NETWORK_TRANSMIT_ERRORS.is(traffic.errors(), name))
                .stream()
                .flatMap(each -> each);
    }
}
