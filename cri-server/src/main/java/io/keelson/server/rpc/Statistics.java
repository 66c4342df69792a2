package io.keelson.server.rpc;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.stats.ContainerUsage;
import io.keelson.proto.ContainerAttributes;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsFilter;
import io.keelson.proto.CpuUsage;
import io.keelson.proto.ListContainerStatsResponse;
import io.keelson.proto.MemoryUsage;
import io.keelson.proto.StreamContainerStatsResponse;
import io.keelson.proto.UInt64Value;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What containers use, in CRI's words. What the kernel does not count is absent. */
final class Statistics {
    private Statistics() {}

    static ContainerFilter filter(ContainerStatsFilter filter) {
        return new ContainerFilter(
                filter.getId(), filter.getPodSandboxId(), Optional.empty(), filter.getLabelSelectorMap());
    }

    static ListContainerStatsResponse list(Stream<ContainerUsage> usages) {
        return ListContainerStatsResponse.newBuilder()
                .addAllStats(Pages.whole(usages.map(Statistics::of), "StreamContainerStats"))
                .build();
    }

    static Iterator<StreamContainerStatsResponse> stream(Stream<ContainerUsage> usages) {
        return Pages.of(
                usages.map(Statistics::of),
                page -> StreamContainerStatsResponse.newBuilder()
                        .addAllContainerStats(page)
                        .build());
    }

    static ContainerStats of(ContainerUsage measured) {
        var config = measured.container().config();
        var at = Times.nanos(measured.at());
        return ContainerStats.newBuilder()
                .setAttributes(ContainerAttributes.newBuilder()
                        .setId(measured.container().id().hex())
                        .setMetadata(ContainerMetadata.newBuilder()
                                .setName(config.name())
                                .setAttempt(config.attempt()))
                        .putAllLabels(config.labels())
                        .putAllAnnotations(config.annotations()))
                .setCpu(cpu(measured.usage(), at))
                .setMemory(memory(
                        measured.usage(), at, measured.container().resources().memoryLimitBytes()))
                .build();
    }

    static CpuUsage cpu(CgroupUsage usage, long at) {
        var cpu = CpuUsage.newBuilder().setTimestamp(at);
        set(usage.cpuNanos(), cpu::setUsageCoreNanoSeconds);
        return cpu.build();
    }

    /** @param limitBytes 0 for none */
    static MemoryUsage memory(CgroupUsage usage, long at, long limitBytes) {
        var memory = MemoryUsage.newBuilder().setTimestamp(at);
        set(usage.workingSetBytes(), memory::setWorkingSetBytes);
        set(usage.memoryBytes(), memory::setUsageBytes);
        set(usage.rssBytes(), memory::setRssBytes);
        set(usage.pageFaults(), memory::setPageFaults);
        set(usage.majorPageFaults(), memory::setMajorPageFaults);
        if (limitBytes > 0) {
            set(available(limitBytes, usage.workingSetBytes()), memory::setAvailableBytes);
        }
        return memory.build();
    }

    private static OptionalLong available(long limit, OptionalLong workingSet) {
        return workingSet.isEmpty() ? workingSet : OptionalLong.of(Math.max(0, limit - workingSet.getAsLong()));
    }

    private static void set(OptionalLong value, Consumer<UInt64Value> setter) {
        value.ifPresent(number ->
                setter.accept(UInt64Value.newBuilder().setValue(number).build()));
    }
}
