package io.keelson.e2e;

import java.util.List;
import java.util.stream.Stream;

/** The metrics that kubelet's resource metrics are made of (Kubernetes KEP 2371), whoever provides them. */
final class MetricNames {
    static final List<String> ALL = Stream.of(
                    under("cpu", "user_seconds_total", "system_seconds_total", "usage_seconds_total"),
                    under("cpu_cfs", "periods_total", "throttled_periods_total", "throttled_seconds_total"),
                    under("fs", "inodes_free", "inodes_total", "limit_bytes", "usage_bytes"),
                    under("fs", "reads_total", "reads_bytes_total", "writes_total", "writes_bytes_total"),
                    under("blkio", "device_usage_total"),
                    under("hugetlb", "usage_bytes", "max_usage_bytes"),
                    under("memory", "cache", "rss", "kernel_usage", "mapped_file", "swap", "failcnt", "usage_bytes"),
                    under("memory", "max_usage_bytes", "working_set_bytes", "failures_total"),
                    under("network_receive", "bytes_total", "packets_total", "packets_dropped_total", "errors_total"),
                    under("network_transmit", "bytes_total", "packets_total", "packets_dropped_total", "errors_total"),
                    under("oom", "events_total"),
                    Stream.of("file_descriptors", "processes", "sockets", "threads", "threads_max", "ulimits_soft"),
                    Stream.of("last_seen", "start_time_seconds"),
                    under("spec_cpu", "period", "shares", "quota"),
                    under("spec_memory", "limit_bytes", "reservation_limit_bytes", "swap_limit_bytes"),
                    under("pressure_cpu", "stalled_seconds_total", "waiting_seconds_total"),
                    under("pressure_memory", "stalled_seconds_total", "waiting_seconds_total"),
                    under("pressure_io", "stalled_seconds_total", "waiting_seconds_total"))
            .flatMap(each -> each)
            .map(name -> "container_" + name)
            .toList();

    private MetricNames() {}

    private static Stream<String> under(String group, String... names) {
        return Stream.of(names).map(name -> group + "_" + name);
    }
}
