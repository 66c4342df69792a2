package io.keelson.oci.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the processes of a group use, as the kernel counts it (cgroups(7), cgroup v2 documentation). What it does not count is
 * absent, and not zero.
 *
 * @param cpuNanos of all processors together, since the group was made
 * @param memoryBytes page cache included
 * @param inactiveFileBytes page cache that can go at once
 * @param rssBytes anonymous memory
 */
public record CgroupUsage(
        OptionalLong cpuNanos,
        OptionalLong memoryBytes,
        OptionalLong inactiveFileBytes,
        OptionalLong rssBytes,
        OptionalLong pageFaults,
        OptionalLong majorPageFaults) {

    /** Of a group that is not there. */
    public static final CgroupUsage UNKNOWN = new CgroupUsage(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());

    /** As cAdvisor has it: what is used, without the page cache that can go at once. */
    public OptionalLong workingSetBytes() {
        return memoryBytes.isEmpty()
                ? memoryBytes
                : OptionalLong.of(Math.max(0, memoryBytes.getAsLong() - inactiveFileBytes.orElse(0)));
    }

    /** Absent if the group is gone. */
    static Optional<CgroupUsage> read(Cgroups cgroups, String group) {
        if (cgroups.directories(group).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(cgroups.layout().isUnified() ? version2(cgroups, group) : version1(cgroups, group));
    }

    private static CgroupUsage version1(Cgroups cgroups, String group) {
        var memory = table(file(cgroups, group, "memory", "memory.stat"));
        return new CgroupUsage(
                number(file(cgroups, group, "cpuacct", "cpuacct.usage")),
                number(file(cgroups, group, "memory", "memory.usage_in_bytes")),
                find(memory, "total_inactive_file"),
                find(memory, "total_rss"),
                find(memory, "total_pgfault"),
                find(memory, "total_pgmajfault"));
    }

    private static CgroupUsage version2(Cgroups cgroups, String group) {
        var cpu = find(table(file(cgroups, group, "cpu", "cpu.stat")), "usage_usec");
        var memory = table(file(cgroups, group, "memory", "memory.stat"));
        return new CgroupUsage(
                cpu.isEmpty() ? cpu : OptionalLong.of(cpu.getAsLong() * 1000),
                number(file(cgroups, group, "memory", "memory.current")),
                find(memory, "inactive_file"),
                find(memory, "anon"),
                find(memory, "pgfault"),
                find(memory, "pgmajfault"));
    }

    private static Optional<Path> file(Cgroups cgroups, String group, String controller, String name) {
        return cgroups.directory(group, controller).map(directory -> directory.resolve(name));
    }

    private static OptionalLong number(Optional<Path> file) {
        return text(file)
                .map(text -> OptionalLong.of(Long.parseLong(text.strip())))
                .orElse(OptionalLong.empty());
    }

    /** Lines of a name and a number. */
    private static Map<String, Long> table(Optional<Path> file) {
        var table = new HashMap<String, Long>();
        text(file)
                .ifPresent(text -> text.lines().forEach(line -> {
                    var space = line.indexOf(' ');
                    if (space > 0) {
                        table.put(line.substring(0, space), Long.parseUnsignedLong(line.substring(space + 1)));
                    }
                }));
        return table;
    }

    private static OptionalLong find(Map<String, Long> table, String name) {
        var value = table.get(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** A controller may be missing, and a group may end while it is looked at. */
    private static Optional<String> text(Optional<Path> file) {
        try {
            return file.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Files.readString(file.get(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
