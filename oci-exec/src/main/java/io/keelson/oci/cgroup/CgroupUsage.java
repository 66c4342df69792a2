package io.keelson.oci.cgroup;

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
 * @param swapAvailableBytes absent without a limit
 */
public record CgroupUsage(
        OptionalLong cpuNanos,
        OptionalLong memoryBytes,
        OptionalLong inactiveFileBytes,
        OptionalLong rssBytes,
        OptionalLong pageFaults,
        OptionalLong majorPageFaults,
        OptionalLong swapBytes,
        OptionalLong swapAvailableBytes,
        Optional<Pressure> cpuPressure,
        Optional<Pressure> memoryPressure,
        Optional<Pressure> ioPressure) {
    /** Version 1 has no word for no limit: a number of pages that no machine has. */
    private static final long NO_LIMIT = 1L << 62;

    static CgroupUsage of(GroupLook look, CgroupLayout layout) {
        var swap = look.find(GroupCounter.SWAP);
        return new CgroupUsage(
                look.find(GroupCounter.CPU),
                look.find(GroupCounter.MEMORY),
                look.find(GroupCounter.INACTIVE_FILE),
                look.find(GroupCounter.ANONYMOUS),
                look.find(GroupCounter.PAGE_FAULTS),
                look.find(GroupCounter.MAJOR_PAGE_FAULTS),
                swap,
                swapAvailable(swap, layout.isUnified() ? look.find(GroupCounter.SWAP_LIMIT) : swapLimit(look)),
                look.pressure("cpu"),
                look.pressure("memory"),
                look.pressure("io"));
    }

    /** Whether nothing is known, because there is no such group. */
    public boolean isEmpty() {
        return cpuNanos.isEmpty() && memoryBytes.isEmpty() && cpuPressure.isEmpty();
    }

    /** As cAdvisor has it: what is used, without the page cache that can go at once. */
    public OptionalLong workingSetBytes() {
        return memoryBytes.isEmpty()
                ? memoryBytes
                : OptionalLong.of(Math.max(0, memoryBytes.getAsLong() - inactiveFileBytes.orElse(0)));
    }

    private static OptionalLong swapLimit(GroupLook look) {
        var memory = look.find(GroupCounter.MEMORY_LIMIT);
        var both = look.find(GroupCounter.MEMORY_AND_SWAP_LIMIT);
        return memory.isEmpty() || both.isEmpty() || both.getAsLong() >= NO_LIMIT
                ? OptionalLong.empty()
                : OptionalLong.of(both.getAsLong() - memory.getAsLong());
    }

    private static OptionalLong swapAvailable(OptionalLong used, OptionalLong limit) {
        return used.isEmpty() || limit.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, limit.getAsLong() - used.getAsLong()));
    }
}
