package io.keelson.server.rpc;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.oci.cgroup.Pressure;
import io.keelson.oci.cgroup.Pressure.Stall;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.stats.ContainerUsage;
import io.keelson.pod.stats.WritableLayers.LayerUsage;
import io.keelson.proto.ContainerAttributes;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsFilter;
import io.keelson.proto.CpuUsage;
import io.keelson.proto.FilesystemIdentifier;
import io.keelson.proto.FilesystemUsage;
import io.keelson.proto.IoUsage;
import io.keelson.proto.ListContainerStatsResponse;
import io.keelson.proto.MemoryUsage;
import io.keelson.proto.PsiData;
import io.keelson.proto.PsiStats;
import io.keelson.proto.StreamContainerStatsResponse;
import io.keelson.proto.SwapUsage;
import io.keelson.proto.UInt64Value;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** What containers use, in CRI's words. What the kernel does not count is absent. */
final class Statistics {
    private final Path root;

    /** @param root a directory on the file system that containers write to; kubelet asks the kernel for that one's size */
    Statistics(Path root) {
        this.root = root;
    }

    static ContainerFilter filter(ContainerStatsFilter filter) {
        return new ContainerFilter(
                filter.getId(), filter.getPodSandboxId(), Optional.empty(), filter.getLabelSelectorMap());
    }

    ListContainerStatsResponse list(Stream<ContainerUsage> usages) {
        return ListContainerStatsResponse.newBuilder()
                .addAllStats(Pages.whole(usages.map(this::of), "StreamContainerStats"))
                .build();
    }

    Iterator<StreamContainerStatsResponse> stream(Stream<ContainerUsage> usages) {
        return Pages.of(
                usages.map(this::of),
                page -> StreamContainerStatsResponse.newBuilder()
                        .addAllContainerStats(page)
                        .build());
    }

    ContainerStats of(ContainerUsage measured) {
        var config = measured.container().config();
        var usage = measured.usage();
        var at = Times.nanos(measured.at());
        var stats = ContainerStats.newBuilder()
                .setAttributes(ContainerAttributes.newBuilder()
                        .setId(measured.container().id().hex())
                        .setMetadata(ContainerMetadata.newBuilder()
                                .setName(config.name())
                                .setAttempt(config.attempt()))
                        .putAllLabels(config.labels())
                        .putAllAnnotations(config.annotations()))
                .setCpu(cpu(usage, measured.cpuRate(), at))
                .setMemory(memory(usage, at, measured.container().resources().memoryLimitBytes()));
        if (usage.swapBytes().isPresent()) {
            stats.setSwap(swap(usage, at));
        }
        io(usage, at).ifPresent(stats::setIo);
        measured.writable().map(this::written).ifPresent(stats::setWritableLayer);
        return stats.build();
    }

    static CpuUsage cpu(CgroupUsage usage, OptionalLong rate, long at) {
        var cpu = CpuUsage.newBuilder().setTimestamp(at);
        set(usage.cpuNanos(), cpu, CpuUsage.Builder::setUsageCoreNanoSeconds);
        set(rate, cpu, CpuUsage.Builder::setUsageNanoCores);
        usage.cpuPressure().map(Statistics::pressure).ifPresent(cpu::setPsi);
        return cpu.build();
    }

    /** @param limitBytes 0 for none */
    static MemoryUsage memory(CgroupUsage usage, long at, long limitBytes) {
        var memory = MemoryUsage.newBuilder().setTimestamp(at);
        set(usage.workingSetBytes(), memory, MemoryUsage.Builder::setWorkingSetBytes);
        set(usage.memoryBytes(), memory, MemoryUsage.Builder::setUsageBytes);
        set(usage.rssBytes(), memory, MemoryUsage.Builder::setRssBytes);
        set(usage.pageFaults(), memory, MemoryUsage.Builder::setPageFaults);
        set(usage.majorPageFaults(), memory, MemoryUsage.Builder::setMajorPageFaults);
        usage.memoryPressure().map(Statistics::pressure).ifPresent(memory::setPsi);
        if (limitBytes > 0) {
            set(available(limitBytes, usage.workingSetBytes()), memory, MemoryUsage.Builder::setAvailableBytes);
        }
        return memory.build();
    }

    /** Pressure is all that CRI tells of it. */
    static Optional<IoUsage> io(CgroupUsage usage, long at) {
        return usage.ioPressure()
                .map(pressure -> IoUsage.newBuilder()
                        .setTimestamp(at)
                        .setPsi(pressure(pressure))
                        .build());
    }

    private static SwapUsage swap(CgroupUsage usage, long at) {
        var swap = SwapUsage.newBuilder().setTimestamp(at);
        set(usage.swapBytes(), swap, SwapUsage.Builder::setSwapUsageBytes);
        set(usage.swapAvailableBytes(), swap, SwapUsage.Builder::setSwapAvailableBytes);
        return swap.build();
    }

    private FilesystemUsage written(LayerUsage usage) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(Times.nanos(usage.at()))
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(root.toString()))
                .setUsedBytes(number(usage.tree().bytes()))
                .setInodesUsed(number(usage.tree().inodes()))
                .build();
    }

    private static PsiStats pressure(Pressure pressure) {
        return PsiStats.newBuilder()
                .setSome(stall(pressure.some()))
                .setFull(stall(pressure.full()))
                .build();
    }

    /** The total is in nanoseconds, as in kubelet's summary. */
    private static PsiData stall(Stall stall) {
        return PsiData.newBuilder()
                .setTotal(stall.totalMicros() * 1000)
                .setAvg10(stall.average10())
                .setAvg60(stall.average60())
                .setAvg300(stall.average300())
                .build();
    }

    private static OptionalLong available(long limit, OptionalLong workingSet) {
        return workingSet.isEmpty() ? workingSet : OptionalLong.of(Math.max(0, limit - workingSet.getAsLong()));
    }

    /** By methods that belong to no message yet: one that does is made anew for each number. */
    private static <B> void set(OptionalLong value, B message, BiConsumer<B, UInt64Value> setter) {
        if (value.isPresent()) {
            setter.accept(message, number(value.getAsLong()));
        }
    }

    static UInt64Value number(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }
}
