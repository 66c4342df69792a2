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
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metrics of one container: one look at its cgroup, and one at its processes. */
public final class ContainerMetricsReader {
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SECOND_MICROS = SECOND_NANOS / 1000;
    private static final String ALL_CORES = "total";

    private final Meters meters;
    private final WritableLayers layers;
    private final HostDisk disk;
    private final List<String> pageSizes;
    private final InstantSource clock;

    /** @param pageSizes of huge pages, {@code 2MB} say */
    public ContainerMetricsReader(
            Meters meters, WritableLayers layers, HostDisk disk, List<String> pageSizes, InstantSource clock) {
        this.meters = meters;
        this.layers = layers;
        this.disk = disk;
        this.pageSizes = List.copyOf(pageSizes);
        this.clock = clock;
    }

    /** None if its cgroup is gone. */
    Stream<Sample> read(Container container) {
        var look = meters.of(container.id().hex(), container.cgroup()).look();
        var usage = look.usage();
        if (usage.isEmpty()) {
            return Stream.empty();
        }
        return Stream.of(
                        cpu(look, usage),
                        memory(look, usage),
                        pageFaults(look, usage),
                        written(container),
                        look.traffic().stream().flatMap(this::traffic),
                        look.hugePages(pageSizes).stream().flatMap(ContainerMetricsReader::hugePages),
                        processes(look),
                        times(container),
                        limits(container),
                        pressure(usage.cpuPressure(), PRESSURE_CPU_WAITING, PRESSURE_CPU_STALLED),
                        pressure(usage.memoryPressure(), PRESSURE_MEMORY_WAITING, PRESSURE_MEMORY_STALLED),
                        pressure(usage.ioPressure(), PRESSURE_IO_WAITING, PRESSURE_IO_STALLED))
                .flatMap(each -> each);
    }

    private static Stream<Sample> cpu(GroupLook look, CgroupUsage usage) {
        return Stream.of(
                        seconds(CPU_USER, look.find(GroupCounter.CPU_USER)),
                        seconds(CPU_SYSTEM, look.find(GroupCounter.CPU_SYSTEM)),
                        seconds(CPU_USAGE, usage.cpuNanos(), ALL_CORES),
                        number(CPU_PERIODS, look.find(GroupCounter.CPU_PERIODS)),
                        number(CPU_THROTTLED_PERIODS, look.find(GroupCounter.CPU_THROTTLED_PERIODS)),
                        seconds(CPU_THROTTLED, look.find(GroupCounter.CPU_THROTTLED)))
                .flatMap(each -> each);
    }

    private static Stream<Sample> memory(GroupLook look, CgroupUsage usage) {
        return Stream.of(
                        number(MEMORY_CACHE, look.find(GroupCounter.PAGE_CACHE)),
                        number(MEMORY_RSS, usage.rssBytes()),
                        number(MEMORY_KERNEL, look.find(GroupCounter.KERNEL_MEMORY)),
                        number(MEMORY_MAPPED_FILE, look.find(GroupCounter.MAPPED_FILE)),
                        number(MEMORY_SWAP, usage.swapBytes()),
                        number(MEMORY_FAILCNT, look.find(GroupCounter.MEMORY_FAILURES)),
                        number(MEMORY_USAGE, usage.memoryBytes()),
                        number(MEMORY_MAX_USAGE, look.find(GroupCounter.MEMORY_PEAK)),
                        number(MEMORY_WORKING_SET, usage.workingSetBytes()),
                        number(OOM_EVENTS, look.find(GroupCounter.OOM_KILLS)))
                .flatMap(each -> each);
    }

    /** The container's own and those of groups that it has made, as cAdvisor tells them apart; version 2 does not. */
    private static Stream<Sample> pageFaults(GroupLook look, CgroupUsage usage) {
        return Stream.of(
                        number(MEMORY_FAILURES, look.find(GroupCounter.OWN_PAGE_FAULTS), "pgfault", "container"),
                        number(
                                MEMORY_FAILURES,
                                look.find(GroupCounter.OWN_MAJOR_PAGE_FAULTS),
                                "pgmajfault",
                                "container"),
                        number(MEMORY_FAILURES, usage.pageFaults(), "pgfault", "hierarchy"),
                        number(MEMORY_FAILURES, usage.majorPageFaults(), "pgmajfault", "hierarchy"))
                .flatMap(each -> each);
    }

    private Stream<Sample> written(Container container) {
        var device = disk.device();
        var room = disk.room();
        return Stream.of(
                        FS_LIMIT.is(room.blocks() * room.blockSizeBytes(), device),
                        FS_INODES_TOTAL.is(room.files(), device),
                        FS_INODES_FREE.is(room.freeFiles(), device),
                        layers.of(container.id()).stream()
                                .flatMap(usage -> FS_USAGE.is(usage.tree().bytes(), device)))
                .flatMap(each -> each);
    }

    private Stream<Sample> traffic(DeviceTraffic traffic) {
        var name = disk.name(traffic.device());
        var numbers = traffic.device().split(":", 2);
        return Stream.of(
                        FS_READS.is(traffic.reads(), name),
                        FS_READ_BYTES.is(traffic.readBytes(), name),
                        FS_WRITES.is(traffic.writes(), name),
                        FS_WRITTEN_BYTES.is(traffic.writtenBytes(), name),
                        BLKIO.is(traffic.readBytes(), name, numbers[0], numbers[1], "Read"),
                        BLKIO.is(traffic.writtenBytes(), name, numbers[0], numbers[1], "Write"))
                .flatMap(each -> each);
    }

    private static Stream<Sample> hugePages(GroupLook.HugePages pages) {
        return Stream.concat(
                HUGETLB_USAGE.is(pages.bytes(), pages.size()),
                number(HUGETLB_MAX_USAGE, pages.mostBytes(), pages.size()));
    }

    private static Stream<Sample> processes(GroupLook look) {
        var pids = look.processes();
        var files = OpenFiles.of(pids);
        return Stream.of(
                        PROCESSES.is(pids.size()),
                        FILE_DESCRIPTORS.is(files.descriptors()),
                        number(SOCKETS, files.sockets()),
                        number(THREADS, look.find(GroupCounter.THREADS)),
                        // Zero is this metric's word for no limit.
                        look.find(GroupCounter.THREADS).isPresent()
                                ? THREADS_MAX.is(
                                        look.find(GroupCounter.THREADS_LIMIT).orElse(0))
                                : Stream.<Sample>empty(),
                        pids.stream()
                                .limit(1)
                                .flatMap(pid -> number(ULIMITS_SOFT, OpenFiles.softLimit(pid), "max_open_files")))
                .flatMap(each -> each);
    }

    private Stream<Sample> times(Container container) {
        var started = container.state() instanceof ContainerState.Running(var at) ? at : container.createdAt();
        return Stream.concat(LAST_SEEN.is(clock.instant().getEpochSecond()), START_TIME.is(started.getEpochSecond()));
    }

    /** Those that the container was given; a quota of -1 is none. */
    private static Stream<Sample> limits(Container container) {
        var limits = container.resources();
        return Stream.of(
                        positive(SPEC_CPU_PERIOD, limits.cpuPeriod()),
                        positive(SPEC_CPU_SHARES, limits.cpuShares()),
                        positive(SPEC_CPU_QUOTA, limits.cpuQuota()),
                        SPEC_MEMORY_LIMIT.is(Math.max(0, limits.memoryLimitBytes())),
                        SPEC_MEMORY_RESERVATION.is(reservation(limits.unified().get("memory.low"))),
                        SPEC_MEMORY_SWAP_LIMIT.is(Math.max(0, limits.memorySwapLimitBytes())))
                .flatMap(each -> each);
    }

    /** CRI has no reservation but by a file of version 2. */
    private static long reservation(@Nullable String low) {
        return low != null && low.matches("\\d{1,18}") ? Long.parseLong(low) : 0;
    }

    private static Stream<Sample> pressure(Optional<Pressure> pressure, MetricKind waiting, MetricKind stalled) {
        return pressure.stream()
                .flatMap(each -> Stream.concat(
                        waiting.is(each.some().totalMicros() / SECOND_MICROS),
                        stalled.is(each.full().totalMicros() / SECOND_MICROS)));
    }

    private static Stream<Sample> positive(MetricKind kind, long value) {
        return value > 0 ? kind.is(value) : Stream.empty();
    }

    private static Stream<Sample> seconds(MetricKind kind, OptionalLong nanos, String... labels) {
        return nanos.stream().boxed().flatMap(value -> kind.is(value / SECOND_NANOS, labels));
    }

    private static Stream<Sample> number(MetricKind kind, OptionalLong number, String... labels) {
        return number.stream().boxed().flatMap(value -> kind.is(value, labels));
    }
}
