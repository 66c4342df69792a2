package io.keelson.pod.stats;

import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodState;
import io.keelson.pod.container.Container;
import io.keelson.pod.stats.MetricKind.Sample;
import java.util.List;
import java.util.stream.Stream;

/** Reads the metrics of {@link MetricKind}, when they are asked for. */
public final class PodMetricsReader {
    private final PodCatalog pods;
    private final PodNetworks networks;
    private final UsageReader containers;
    private final ContainerMetricsReader reader;

    public PodMetricsReader(
            PodCatalog pods, PodNetworks networks, UsageReader containers, ContainerMetricsReader reader) {
        this.pods = pods;
        this.networks = networks;
        this.containers = containers;
        this.reader = reader;
    }

    /** Of pods that are ready: their networks are visited first, and each is looked at when the stream comes to it. */
    public Stream<PodMetrics> list() {
        var ready = pods.list(PodFilter.all()).stream()
                .filter(pod -> pod.state() == PodState.READY)
                .toList();
        var usages = networks.recent(ready).iterator();
        var there = containers.there();
        var room = reader.room();
        return ready.stream().map(pod -> read(pod, usages.next(), there.getOrDefault(pod.id(), List.of()), room));
    }

    private PodMetrics read(Pod pod, NetworkUsage network, List<Container> there, HostDisk.Room room) {
        return new PodMetrics(
                pod,
                network.at(),
                samples(network.interfaces()),
                there.stream()
                        .map(container -> reader.read(container, room))
                        .filter(metrics -> !metrics.samples().isEmpty())
                        .toList());
    }

    private static List<Sample> samples(List<InterfaceUsage> interfaces) {
        var samples = new SampleList();
        for (var each : interfaces) {
            var received = each.received();
            samples.add(MetricKind.NETWORK_RECEIVE_BYTES, received.bytes(), each.name());
            samples.add(MetricKind.NETWORK_RECEIVE_PACKETS, received.packets(), each.name());
            samples.add(MetricKind.NETWORK_RECEIVE_DROPPED, received.dropped(), each.name());
            samples.add(MetricKind.NETWORK_RECEIVE_ERRORS, received.errors(), each.name());
            var sent = each.transmitted();
            samples.add(MetricKind.NETWORK_TRANSMIT_BYTES, sent.bytes(), each.name());
            samples.add(MetricKind.NETWORK_TRANSMIT_PACKETS, sent.packets(), each.name());
            samples.add(MetricKind.NETWORK_TRANSMIT_DROPPED, sent.dropped(), each.name());
            samples.add(MetricKind.NETWORK_TRANSMIT_ERRORS, sent.errors(), each.name());
        }
        return samples.toList();
    }
}
