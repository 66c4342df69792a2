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
import io.keelson.proto.UInt64Value;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What pods use, in CRI's words. What the kernel does not count is absent. */
final class PodStatistics {
    /** What the first network of a pod is called (CNI specification, CNI_IFNAME as kubelet expects it). */
    private static final String DEFAULT_INTERFACE = "eth0";

    private PodStatistics() {}

    static PodFilter filter(PodSandboxStatsFilter filter) {
        return new PodFilter(filter.getId(), Optional.empty(), filter.getLabelSelectorMap());
    }

    static PodSandboxStatsResponse response(PodUsage usage) {
        return PodSandboxStatsResponse.newBuilder().setStats(of(usage)).build();
    }

    static ListPodSandboxStatsResponse list(Stream<PodUsage> usages) {
        return ListPodSandboxStatsResponse.newBuilder()
                .addAllStats(Pages.whole(usages.map(PodStatistics::of), "StreamPodSandboxStats"))
                .build();
    }

    static Iterator<StreamPodSandboxStatsResponse> stream(Stream<PodUsage> usages) {
        return Pages.of(
                usages.map(PodStatistics::of),
                page -> StreamPodSandboxStatsResponse.newBuilder()
                        .addAllPodSandboxStats(page)
                        .build());
    }

    private static PodSandboxStats of(PodUsage measured) {
        var spec = measured.pod().spec();
        var at = Times.nanos(measured.at());
        var linux = LinuxPodSandboxStats.newBuilder()
                .setCpu(Statistics.cpu(measured.usage(), at))
                .setMemory(
                        Statistics.memory(measured.usage(), at, spec.resources().memoryLimitBytes()))
                .setProcess(ProcessUsage.newBuilder().setTimestamp(at).setProcessCount(number(measured.processes())));
        if (!measured.interfaces().isEmpty()) {
            linux.setNetwork(network(measured.interfaces(), at));
        }
        measured.containers().forEach(container -> linux.addContainers(Statistics.of(container)));
        return PodSandboxStats.newBuilder()
                .setAttributes(PodSandboxAttributes.newBuilder()
                        .setId(measured.pod().id().hex())
                        .setMetadata(Pods.metadata(spec.metadata()))
                        .putAllLabels(spec.labels())
                        .putAllAnnotations(spec.annotations()))
                .setLinux(linux)
                .build();
    }

    private static NetworkUsage network(List<InterfaceUsage> interfaces, long at) {
        var network = NetworkUsage.newBuilder().setTimestamp(at);
        for (var each : interfaces) {
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
                .setRxBytes(number(usage.receivedBytes()))
                .setRxErrors(number(usage.receiveErrors()))
                .setTxBytes(number(usage.transmittedBytes()))
                .setTxErrors(number(usage.transmitErrors()))
                .build();
    }

    private static UInt64Value number(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }
}
