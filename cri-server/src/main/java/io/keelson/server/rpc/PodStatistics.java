package io.keelson.server.rpc;

import io.keelson.pod.PodFilter;
import io.keelson.pod.stats.InterfaceUsage;
import io.keelson.pod.stats.PodUsage;
import io.keelson.proto.LinuxPodSandboxStats;
import io.keelson.proto.ListPodSandboxStatsResponse;
import io.keelson.proto.NetworkInterfaceUsage;
import io.keelson.proto.NetworkUsage;
import io.keelson.proto.PodSandboxAttributes;
import io.keelson.proto.PodSandboxStats;
import io.keelson.proto.PodSandboxStatsFilter;
import io.keelson.proto.PodSandboxStatsResponse;
import io.keelson.proto.ProcessUsage;
import io.keelson.proto.StreamPodSandboxStatsResponse;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/** What pods use, in CRI's words. What the kernel does not count is absent. */
final class PodStatistics {
    /** What the first network of a pod is called (CNI specification, CNI_IFNAME as kubelet expects it). */
    private static final String DEFAULT_INTERFACE = "eth0";

    private final Statistics containers;

    PodStatistics(Statistics containers) {
        this.containers = containers;
    }

    static PodFilter filter(PodSandboxStatsFilter filter) {
        return new PodFilter(filter.getId(), Optional.empty(), filter.getLabelSelectorMap());
    }

    PodSandboxStatsResponse response(PodUsage usage) {
        return PodSandboxStatsResponse.newBuilder().setStats(of(usage)).build();
    }

    ListPodSandboxStatsResponse list(Stream<PodUsage> usages) {
        return ListPodSandboxStatsResponse.newBuilder()
                .addAllStats(Pages.whole(usages.map(this::of), "StreamPodSandboxStats"))
                .build();
    }

    Iterator<StreamPodSandboxStatsResponse> stream(Stream<PodUsage> usages) {
        return Pages.of(
                usages.map(this::of),
                page -> StreamPodSandboxStatsResponse.newBuilder()
                        .addAllPodSandboxStats(page)
                        .build());
    }

    private PodSandboxStats of(PodUsage measured) {
        var spec = measured.pod().spec();
        var at = Times.nanos(measured.at());
        var linux = LinuxPodSandboxStats.newBuilder()
                .setCpu(Statistics.cpu(measured.usage(), measured.cpuRate(), at))
                .setMemory(
                        Statistics.memory(measured.usage(), at, spec.resources().memoryLimitBytes()))
                .setProcess(ProcessUsage.newBuilder()
                        .setTimestamp(Times.nanos(measured.processes().at()))
                        .setProcessCount(Statistics.number(measured.processes().number())));
        Statistics.io(measured.usage(), at).ifPresent(linux::setIo);
        if (!measured.network().interfaces().isEmpty()) {
            linux.setNetwork(network(measured.network()));
        }
        measured.containers().forEach(container -> linux.addContainers(containers.of(container)));
        return PodSandboxStats.newBuilder()
                .setAttributes(PodSandboxAttributes.newBuilder()
                        .setId(measured.pod().id().hex())
                        .setMetadata(Pods.metadata(spec.metadata()))
                        .putAllLabels(spec.labels())
                        .putAllAnnotations(spec.annotations()))
                .setLinux(linux)
                .build();
    }

    private static NetworkUsage network(io.keelson.pod.stats.NetworkUsage measured) {
        var network = NetworkUsage.newBuilder().setTimestamp(Times.nanos(measured.at()));
        for (var each : measured.interfaces()) {
            if (each.name().equals(DEFAULT_INTERFACE)) {
                network.setDefaultInterface(wire(each));
            } else {
                network.addInterfaces(wire(each));
            }
        }
        return network.build();
    }

    private static NetworkInterfaceUsage wire(InterfaceUsage usage) {
        return NetworkInterfaceUsage.newBuilder()
                .setName(usage.name())
                .setRxBytes(Statistics.number(usage.received().bytes()))
                .setRxErrors(Statistics.number(usage.received().errors()))
                .setTxBytes(Statistics.number(usage.transmitted().bytes()))
                .setTxErrors(Statistics.number(usage.transmitted().errors()))
                .build();
    }
}
