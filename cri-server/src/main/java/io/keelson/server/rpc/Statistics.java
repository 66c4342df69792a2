package io.keelson.server.rpc;

import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.stats.ContainerUsage;
import io.keelson.proto.ContainerAttributes;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsFilter;
import io.keelson.proto.CpuUsage;
import io.keelson.proto.ListContainerStatsResponse;
import io.keelson.proto.MemoryUsage;
import io.keelson.proto.UInt64Value;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What containers use, in CRI's words. What the kernel does not count is absent. */
final class Statistics {
    private Statistics() {}

    static ContainerFilter filter(ContainerStatsFilter filter) {
        return new ContainerFilter(
                filter.getId(), filter.getPodSandboxId(), Optional.empty(), filter.getLabelSelectorMap());
    }

    static ListContainerStatsResponse list(List<ContainerUsage> usages) {
        var response = ListContainerStatsResponse.newBuilder();
        usages.forEach(usage -> response.addStats(of(usage)));
        return response.build();
    }

    static ContainerStats of(ContainerUsage measured) {
        var config = measured.container().config();
        var at = Times.nanos(measured.at());
        var usage = measured.usage();
        var cpu = CpuUsage.newBuilder().setTimestamp(at);
        set(usage.cpuNanos(), cpu::setUsageCoreNanoSeconds);
        var memory = MemoryUsage.newBuilder().setTimestamp(at);
        set(usage.workingSetBytes(), memory::setWorkingSetBytes);
        set(usage.memoryBytes(), memory::setUsageBytes);
        set(usage.rssBytes(), memory::setRssBytes);
        set(usage.pageFaults(), memory::setPageFaults);
        set(usage.majorPageFaults(), memory::setMajorPageFaults);
        var limit = measured.container().resources().memoryLimitBytes();
        if (limit > 0) {
            set(available(limit, usage.workingSetBytes()), memory::setAvailableBytes);
        }
        return ContainerStats.newBuilder()
                .setAttributes(ContainerAttributes.newBuilder()
                        .setId(measured.container().id().hex())
                        .setMetadata(ContainerMetadata.newBuilder()
                                .setName(config.name())
                                .setAttempt(config.attempt()))
                        .putAllLabels(config.labels())
                        .putAllAnnotations(config.annotations()))
                .setCpu(cpu)
                .setMemory(memory)
                .build();
    }

    private static OptionalLong available(long limit, OptionalLong workingSet) {
        return workingSet.isEmpty() ? workingSet : OptionalLong.of(Math.max(0, limit - workingSet.getAsLong()));
    }

    private static void set(OptionalLong value, Consumer<UInt64Value> setter) {
        value.ifPresent(number ->
                setter.accept(UInt64Value.newBuilder().setValue(number).build()));
    }
}
