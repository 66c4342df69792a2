package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Limits of a group that Keelson makes itself, as the kernel takes them (cgroups(7), cgroup v2 documentation). */
final class GroupLimits {
    private static final long DEFAULT_PERIOD_MICROS = 100_000;

    private final Cgroups cgroups;
    private final String group;

    GroupLimits(Cgroups cgroups, String group) {
        this.cgroups = cgroups;
        this.group = group;
    }

    /** Makes the group where it has a limit; what is not said stays as the kernel has it, and -1 takes a limit away. */
    void apply(LinuxResources limits) {
        switch (cgroups.layout()) {
            case CgroupLayout.Unified(var root) -> version2(root, limits);
            case CgroupLayout.Legacy _, CgroupLayout.Hybrid _ -> version1(limits);
        }
    }

    private void version1(LinuxResources limits) {
        if (limits.memoryLimitBytes() != 0) {
            set("memory", "memory.limit_in_bytes", Long.toString(limits.memoryLimitBytes()));
        }
        if (limits.cpuShares() > 0) {
            set("cpu", "cpu.shares", Long.toString(limits.cpuShares()));
        }
        if (limits.cpuQuota() != 0) {
            set("cpu", "cpu.cfs_period_us", Long.toString(period(limits)));
            set("cpu", "cpu.cfs_quota_us", Long.toString(limits.cpuQuota()));
        }
    }

    private void version2(Path root, LinuxResources limits) {
        delegate(root);
        if (limits.memoryLimitBytes() != 0) {
            set("memory", "memory.max", orMax(limits.memoryLimitBytes()));
        }
        if (limits.cpuShares() > 0) {
            set("cpu", "cpu.weight", Long.toString(limits.cpuWeight()));
        }
        if (limits.cpuQuota() != 0) {
            set("cpu", "cpu.max", orMax(limits.cpuQuota()) + " " + period(limits));
        }
    }

    /** A group has a controller's files once the group above passes it on. */
    private void delegate(Path root) {
        var directory = root;
        for (var name : group.substring(1).split("/", -1)) {
            write(directory.resolve("cgroup.subtree_control"), "+cpu +memory");
            directory = make(directory.resolve(name));
        }
    }

    private static String orMax(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }

    private static long period(LinuxResources limits) {
        return limits.cpuPeriod() == 0 ? DEFAULT_PERIOD_MICROS : limits.cpuPeriod();
    }

    private void set(String controller, String file, String value) {
        var directory = cgroups.directory(group, controller)
                .orElseThrow(() -> Failure.unavailable(
                        "cgroup " + group + " cannot be limited: the node has no controller " + controller));
        write(make(directory).resolve(file), value);
    }

    private static Path make(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw Failure.internal("cannot make cgroup " + directory, e);
        }
    }

    private static void write(Path file, String value) {
        try {
            Files.writeString(file, value, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    "the kernel does not take " + value + " in " + file + ": " + e.getMessage(),
                    e);
        }
    }
}
