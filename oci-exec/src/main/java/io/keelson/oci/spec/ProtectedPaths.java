package io.keelson.oci.spec;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Files below /proc and /sys that tell or change too much of the host. */
public final class ProtectedPaths {
    /** Hidden from a container that is not privileged. */
    public static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap",
            "/sys/class/powercap",
            "/sys/fs/selinux",
            "/sys/dev/block");

    /** Read-only for a container that is not privileged. */
    public static final List<String> READONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private ProtectedPaths() {}

    /** The paths asked for and ours: a list made for an older kernel does not know all of them. */
    public static List<String> withMasked(List<String> requested, Machine machine) {
        var thermal = IntStream.range(0, machine.processors())
                .mapToObj(processor -> "/sys/devices/system/cpu/cpu" + processor + "/thermal_throttle");
        return Stream.concat(requested.stream(), Stream.concat(MASKED.stream(), thermal))
                .distinct()
                .toList();
    }

    public static List<String> withReadonly(List<String> requested) {
        return Stream.concat(requested.stream(), READONLY.stream()).distinct().toList();
    }
}
