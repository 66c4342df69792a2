package io.keelson.pod.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * The metrics that CRI asks runtimes for: cAdvisor's names, types and labels, which dashboards and alerts go by. A value is a whole
 * number, of seconds too, since CRI has no other.
 */
@SuppressWarnings("ImmutableEnumChecker") // A record of strings is immutable; the checker knows only what is annotated.
public enum MetricKind {
    CPU_USER(counter("container_cpu_user_seconds_total", "Cumulative CPU time in user mode, in seconds.")),
    CPU_SYSTEM(counter("container_cpu_system_seconds_total", "Cumulative CPU time in the kernel, in seconds.")),
    CPU_USAGE(counter("container_cpu_usage_seconds_total", "Cumulative CPU time, in seconds.", "cpu")),
    CPU_PERIODS(counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement periods of the CPU quota.")),
    CPU_THROTTLED_PERIODS(
            counter("container_cpu_cfs_throttled_periods_total", "Number of periods in which the quota was used up.")),
    CPU_THROTTLED(
            counter("container_cpu_cfs_throttled_seconds_total", "Time without CPU for want of quota, in seconds.")),

    FS_INODES_FREE(gauge("container_fs_inodes_free", "Free inodes of the container's file system.", "device")),
    FS_INODES_TOTAL(gauge("container_fs_inodes_total", "Inodes of the container's file system.", "device")),
    FS_LIMIT(gauge("container_fs_limit_bytes", "Size of the container's file system, in bytes.", "device")),
    FS_USAGE(gauge("container_fs_usage_bytes", "What the container has written into its root, in bytes.", "device")),
    FS_READS(counter("container_fs_reads_total", "Number of reads from block devices.", "device")),
    FS_READ_BYTES(counter("container_fs_reads_bytes_total", "Bytes read from block devices.", "device")),
    FS_WRITES(counter("container_fs_writes_total", "Number of writes to block devices.", "device")),
    FS_WRITTEN_BYTES(counter("container_fs_writes_bytes_total", "Bytes written to block devices.", "device")),
    BLKIO(counter(
            "container_blkio_device_usage_total",
            "Bytes of a kind of operation.",
            "device",
            "major",
            "minor",
            "operation")),

    HUGETLB_USAGE(gauge("container_hugetlb_usage_bytes", "Huge pages in use, in bytes.", "pagesize")),
    HUGETLB_MAX_USAGE(gauge("container_hugetlb_max_usage_bytes", "Most huge pages ever in use, in bytes.", "pagesize")),

    MEMORY_CACHE(gauge("container_memory_cache", "Page cache, in bytes.")),
    MEMORY_RSS(gauge("container_memory_rss", "Anonymous memory, in bytes.")),
    MEMORY_KERNEL(gauge("container_memory_kernel_usage", "Memory of the kernel for the container, in bytes.")),
    MEMORY_MAPPED_FILE(gauge("container_memory_mapped_file", "Memory mapped files, in bytes.")),
    MEMORY_SWAP(gauge("container_memory_swap", "Swap in use, in bytes.")),
    MEMORY_FAILCNT(counter("container_memory_failcnt", "Number of times that memory came up to its limit.")),
    MEMORY_USAGE(gauge("container_memory_usage_bytes", "Memory in use, page cache included, in bytes.")),
    MEMORY_MAX_USAGE(gauge("container_memory_max_usage_bytes", "Most memory ever in use, in bytes.")),
    MEMORY_WORKING_SET(gauge("container_memory_working_set_bytes", "Memory that cannot go at once, in bytes.")),
    MEMORY_FAILURES(counter("container_memory_failures_total", "Number of page faults.", "failure_type", "scope")),

    NETWORK_RECEIVE_BYTES(counter("container_network_receive_bytes_total", "Bytes received.", "interface")),
    NETWORK_RECEIVE_PACKETS(counter("container_network_receive_packets_total", "Packets received.", "interface")),
    NETWORK_RECEIVE_DROPPED(
            counter("container_network_receive_packets_dropped_total", "Packets dropped on receipt.", "interface")),
    NETWORK_RECEIVE_ERRORS(counter("container_network_receive_errors_total", "Errors on receipt.", "interface")),
    NETWORK_TRANSMIT_BYTES(counter("container_network_transmit_bytes_total", "Bytes sent.", "interface")),
    NETWORK_TRANSMIT_PACKETS(counter("container_network_transmit_packets_total", "Packets sent.", "interface")),
    NETWORK_TRANSMIT_DROPPED(
            counter("container_network_transmit_packets_dropped_total", "Packets dropped on sending.", "interface")),
    NETWORK_TRANSMIT_ERRORS(counter("container_network_transmit_errors_total", "Errors on sending.", "interface")),

    OOM_EVENTS(counter("container_oom_events_total", "Processes killed for want of memory.")),

    FILE_DESCRIPTORS(gauge("container_file_descriptors", "Open file descriptors.")),
    PROCESSES(gauge("container_processes", "Processes.")),
    SOCKETS(gauge("container_sockets", "Open sockets.")),
    THREADS(gauge("container_threads", "Threads.")),
    THREADS_MAX(gauge("container_threads_max", "Most threads that there may be; 0 for any number.")),
    ULIMITS_SOFT(gauge("container_ulimits_soft", "Soft limits of the first process; -1 is none.", "ulimit")),

    LAST_SEEN(gauge("container_last_seen", "When the container was last looked at, in seconds since 1970.")),
    START_TIME(gauge("container_start_time_seconds", "When the container was started, in seconds since 1970.")),
    SPEC_CPU_PERIOD(gauge("container_spec_cpu_period", "Period of the CPU quota, in microseconds.")),
    SPEC_CPU_SHARES(gauge("container_spec_cpu_shares", "CPU shares.")),
    SPEC_CPU_QUOTA(gauge("container_spec_cpu_quota", "CPU quota of a period, in microseconds.")),
    SPEC_MEMORY_LIMIT(gauge("container_spec_memory_limit_bytes", "Limit of memory, in bytes; 0 is none.")),
    SPEC_MEMORY_RESERVATION(
            gauge("container_spec_memory_reservation_limit_bytes", "Reserved memory, in bytes; 0 is none.")),
    SPEC_MEMORY_SWAP_LIMIT(
            gauge("container_spec_memory_swap_limit_bytes", "Limit of memory and swap, in bytes; 0 is none.")),

    PRESSURE_CPU_STALLED(
            counter("container_pressure_cpu_stalled_seconds_total", "Time all waited for CPU, in seconds.")),
    PRESSURE_CPU_WAITING(
            counter("container_pressure_cpu_waiting_seconds_total", "Time some waited for CPU, in seconds.")),
    PRESSURE_MEMORY_STALLED(
            counter("container_pressure_memory_stalled_seconds_total", "Time all waited for memory, in seconds.")),
    PRESSURE_MEMORY_WAITING(
            counter("container_pressure_memory_waiting_seconds_total", "Time some waited for memory, in seconds.")),
    PRESSURE_IO_STALLED(
            counter("container_pressure_io_stalled_seconds_total", "Time all waited for devices, in seconds.")),
    PRESSURE_IO_WAITING(
            counter("container_pressure_io_waiting_seconds_total", "Time some waited for devices, in seconds."));

    /** Of every metric, before its own: the cgroup, CRI's id, the image, and kubelet's names. */
    public static final List<String> COMMON_LABELS = List.of("id", "name", "image", "container", "namespace", "pod");

    private record Description(String name, String help, boolean isCounter, List<String> labels) {}

    private final Description description;

    MetricKind(Description description) {
        this.description = description;
    }

    /** As Prometheus sees it. */
    public String metricName() {
        return description.name();
    }

    public String help() {
        return description.help();
    }

    public boolean isCounter() {
        return description.isCounter();
    }

    /** All of them, in the order of the values. */
    public List<String> labels() {
        var labels = new ArrayList<>(COMMON_LABELS);
        labels.addAll(description.labels());
        return labels;
    }

    /** @param ownLabels the values of those that are not common */
    Sample is(long value, String... ownLabels) {
        if (ownLabels.length != description.labels().size()) {
            throw new IllegalArgumentException(metricName() + " has labels " + description.labels());
        }
        return new Sample(this, value, List.of(ownLabels));
    }

    /** One value; {@code ownLabels} are those that are not common to all metrics. */
    public record Sample(MetricKind kind, long value, List<String> ownLabels) {}

    private static Description counter(String name, String help, String... labels) {
        return new Description(name, help, true, List.of(labels));
    }

    private static Description gauge(String name, String help, String... labels) {
        return new Description(name, help, false, List.of(labels));
    }
}
