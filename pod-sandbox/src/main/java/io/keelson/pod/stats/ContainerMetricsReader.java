package io.keelson.pod.stats;

import static io.keelson.pod.stats.MetricKind.*;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.oci.cgroup.DeviceTraffic;
import io.keelson.oci.cgroup.GroupCounter;
import io.keelson.oci.cgroup.GroupLook;
import io.keelson.oci.cgroup.Pressure;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerState;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.pod.stats.PodMetrics.ContainerMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one container: one look at its cgroup, which may be one that was made for another a
 * {@linkplain Moments#RECENT moment} ago, and one at its processes.
 */
public final class ContainerMetricsReader {
    private static final long SECOND_MICROS = Duration.ofSeconds(1).toNanos() / 1000;
    private static final String ALL_CORES = "total";

    private final Meters meters;
    private final WritableLayers layers;
    private final HostDisk disk;
    private final List<String> pageSizes;

    /** @param pageSizes of huge pages, {@code 2MB} say */
    public ContainerMetricsReader(Meters meters, WritableLayers layers, HostDisk disk, List<String> pageSizes) {
        this.meters = meters;
        this.layers = layers;
        this.disk = disk;
        this.pageSizes = List.copyOf(pageSizes);
    }

    /** Of the file system that all containers write to. */
    HostDisk.Room room() {
        return disk.room();
    }

    /** Without samples if its cgroup is gone. */
    ContainerMetrics read(Container container, HostDisk.Room room) {
        var reading = meters.of(container.id().hex(), container.cgroup()).recent();
        return new ContainerMetrics(container, reading.at(), samples(reading, container, room));
    }

    private List<Sample> samples(Reading reading, Container container, HostDisk.Room room) {
        var look = reading.look();
        var usage = reading.usage();
        var samples = new SampleList();
        if (usage.isEmpty()) {
            return samples.toList();
        }
        addCpu(samples, look, usage);
        addMemory(samples, look, usage);
        addPageFaults(samples, look, usage);
        addWritten(samples, container, room);
        look.traffic().forEach(traffic -> addTraffic(samples, traffic));
        for (var pages : look.hugePages(pageSizes)) {
            samples.add(HUGETLB_USAGE, pages.bytes(), pages.size());
            samples.add(HUGETLB_MAX_USAGE, pages.mostBytes(), pages.size());
        }
        addProcesses(samples, look);
        addTimes(samples, container, reading.at());
        addLimits(samples, container);
        addPressure(samples, usage.cpuPressure(), PRESSURE_CPU_WAITING, PRESSURE_CPU_STALLED);
        addPressure(samples, usage.memoryPressure(), PRESSURE_MEMORY_WAITING, PRESSURE_MEMORY_STALLED);
        addPressure(samples, usage.ioPressure(), PRESSURE_IO_WAITING, PRESSURE_IO_STALLED);
        return samples.toList();
    }

    private static void addCpu(SampleList samples, GroupLook look, CgroupUsage usage) {
        samples.addNanos(CPU_USER, look.find(GroupCounter.CPU_USER));
        samples.addNanos(CPU_SYSTEM, look.find(GroupCounter.CPU_SYSTEM));
        samples.addNanos(CPU_USAGE, usage.cpuNanos(), ALL_CORES);
        samples.add(CPU_PERIODS, look.find(GroupCounter.CPU_PERIODS));
        samples.add(CPU_THROTTLED_PERIODS, look.find(GroupCounter.CPU_THROTTLED_PERIODS));
        samples.addNanos(CPU_THROTTLED, look.find(GroupCounter.CPU_THROTTLED));
    }

    private static void addMemory(SampleList samples, GroupLook look, CgroupUsage usage) {
        samples.add(MEMORY_CACHE, look.find(GroupCounter.PAGE_CACHE));
        samples.add(MEMORY_RSS, usage.rssBytes());
        samples.add(MEMORY_KERNEL, look.find(GroupCounter.KERNEL_MEMORY));
        samples.add(MEMORY_MAPPED_FILE, look.find(GroupCounter.MAPPED_FILE));
        samples.add(MEMORY_SWAP, usage.swapBytes());
        samples.add(MEMORY_FAILCNT, look.find(GroupCounter.MEMORY_FAILURES));
        samples.add(MEMORY_USAGE, usage.memoryBytes());
        samples.add(MEMORY_MAX_USAGE, look.find(GroupCounter.MEMORY_PEAK));
        samples.add(MEMORY_WORKING_SET, usage.workingSetBytes());
        samples.add(OOM_EVENTS, look.find(GroupCounter.OOM_KILLS));
    }

    /** The container's own and those of groups that it has made, as cAdvisor tells them apart; version 2 does not. */
    private static void addPageFaults(SampleList samples, GroupLook look, CgroupUsage usage) {
        samples.add(MEMORY_FAILURES, look.find(GroupCounter.OWN_PAGE_FAULTS), "pgfault", "container");
        samples.add(MEMORY_FAILURES, look.find(GroupCounter.OWN_MAJOR_PAGE_FAULTS), "pgmajfault", "container");
        samples.add(MEMORY_FAILURES, usage.pageFaults(), "pgfault", "hierarchy");
        samples.add(MEMORY_FAILURES, usage.majorPageFaults(), "pgmajfault", "hierarchy");
    }

    private void addWritten(SampleList samples, Container container, HostDisk.Room room) {
        var device = room.device();
        var space = room.space();
        samples.add(FS_LIMIT, space.blocks() * space.blockSizeBytes(), device);
        samples.add(FS_INODES_TOTAL, space.files(), device);
        samples.add(FS_INODES_FREE, space.freeFiles(), device);
        layers.of(container.id())
                .ifPresent(usage -> samples.add(FS_USAGE, usage.tree().bytes(), device));
    }

    private void addTraffic(SampleList samples, DeviceTraffic traffic) {
        var name = disk.name(traffic.device());
        var numbers = traffic.device().split(":", 2);
        samples.add(FS_READS, traffic.reads(), name);
        samples.add(FS_READ_BYTES, traffic.readBytes(), name);
        samples.add(FS_WRITES, traffic.writes(), name);
        samples.add(FS_WRITTEN_BYTES, traffic.writtenBytes(), name);
        samples.add(BLKIO, traffic.readBytes(), name, numbers[0], numbers[1], "Read");
        samples.add(BLKIO, traffic.writtenBytes(), name, numbers[0], numbers[1], "Write");
    }

    private static void addProcesses(SampleList samples, GroupLook look) {
        var pids = look.processes();
        var files = ProcessFiles.of(pids);
        var threads = look.find(GroupCounter.THREADS);
        samples.add(PROCESSES, pids.size());
        samples.add(FILE_DESCRIPTORS, files.descriptors());
        samples.add(SOCKETS, files.sockets());
        samples.add(THREADS, threads);
        if (threads.isPresent()) {
            // Zero is this metric's word for no limit.
            samples.add(THREADS_MAX, look.find(GroupCounter.THREADS_LIMIT).orElse(0));
        }
        if (!pids.isEmpty()) {
            samples.add(ULIMITS_SOFT, ProcessFiles.softLimit(pids.iterator().next()), "max_open_files");
        }
    }

    private static void addTimes(SampleList samples, Container container, Instant seen) {
        var started = container.state() instanceof ContainerState.Running(var at) ? at : container.createdAt();
        samples.add(LAST_SEEN, seen.getEpochSecond());
        samples.add(START_TIME, started.getEpochSecond());
    }

    /** Those that the container was given; a quota of -1 is none. */
    private static void addLimits(SampleList samples, Container container) {
        var limits = container.resources();
        samples.addPositive(SPEC_CPU_PERIOD, limits.cpuPeriod());
        samples.addPositive(SPEC_CPU_SHARES, limits.cpuShares());
        samples.addPositive(SPEC_CPU_QUOTA, limits.cpuQuota());
        samples.add(SPEC_MEMORY_LIMIT, Math.max(0, limits.memoryLimitBytes()));
        samples.add(SPEC_MEMORY_RESERVATION, reservation(limits.unified().get("memory.low")));
        samples.add(SPEC_MEMORY_SWAP_LIMIT, Math.max(0, limits.memorySwapLimitBytes()));
    }

    /** CRI has no reservation but by a file of version 2. */
    private static long reservation(@Nullable String low) {
        return low != null && low.matches("\\d{1,18}") ? Long.parseLong(low) : 0;
    }

    private static void addPressure(
            SampleList samples, Optional<Pressure> pressure, MetricKind waiting, MetricKind stalled) {
        if (pressure.isPresent()) {
            samples.add(waiting, pressure.get().some().totalMicros() / SECOND_MICROS);
            samples.add(stalled, pressure.get().full().totalMicros() / SECOND_MICROS);
        }
    }
}
