package io.keelson.oci.cgroup;

import io.keelson.oci.cgroup.OpenGroup.Place;

/**
 * What the kernel counts for a group, and where it says so: cgroups(7) and the documentation of both versions. Amounts are bytes,
 * times nanoseconds, and all but those that are called the group's own include the groups below.
 */
@SuppressWarnings("ImmutableEnumChecker") // A record of strings is immutable; the checker knows only what is annotated.
public enum GroupCounter {
    CPU(v1("cpuacct", "cpuacct.usage"), v2("cpu.stat", "usage_usec", 1000)),
    CPU_USER(v1("cpuacct", "cpuacct.stat", "user", Source.TICK), v2("cpu.stat", "user_usec", 1000)),
    CPU_SYSTEM(v1("cpuacct", "cpuacct.stat", "system", Source.TICK), v2("cpu.stat", "system_usec", 1000)),
    CPU_PERIODS(v1("cpu", "cpu.stat", "nr_periods", 1), v2("cpu.stat", "nr_periods", 1)),
    CPU_THROTTLED_PERIODS(v1("cpu", "cpu.stat", "nr_throttled", 1), v2("cpu.stat", "nr_throttled", 1)),
    CPU_THROTTLED(v1("cpu", "cpu.stat", "throttled_time", 1), v2("cpu.stat", "throttled_usec", 1000)),

    MEMORY(v1("memory", "memory.usage_in_bytes"), v2("memory.current")),
    MEMORY_PEAK(v1("memory", "memory.max_usage_in_bytes"), v2("memory.peak")),
    MEMORY_FAILURES(v1("memory", "memory.failcnt"), v2("memory.events", "max", 1)),
    KERNEL_MEMORY(v1("memory", "memory.kmem.usage_in_bytes"), v2("memory.stat", "kernel", 1)),
    /** Page cache that can go at once. */
    INACTIVE_FILE(v1("memory", "memory.stat", "total_inactive_file", 1), v2("memory.stat", "inactive_file", 1)),
    ANONYMOUS(v1("memory", "memory.stat", "total_rss", 1), v2("memory.stat", "anon", 1)),
    PAGE_CACHE(v1("memory", "memory.stat", "total_cache", 1), v2("memory.stat", "file", 1)),
    MAPPED_FILE(v1("memory", "memory.stat", "total_mapped_file", 1), v2("memory.stat", "file_mapped", 1)),
    PAGE_FAULTS(v1("memory", "memory.stat", "total_pgfault", 1), v2("memory.stat", "pgfault", 1)),
    MAJOR_PAGE_FAULTS(v1("memory", "memory.stat", "total_pgmajfault", 1), v2("memory.stat", "pgmajfault", 1)),
    /** Of the group itself, and not of those below it, which version 2 does not tell. */
    OWN_PAGE_FAULTS(v1("memory", "memory.stat", "pgfault", 1), Source.NONE),
    OWN_MAJOR_PAGE_FAULTS(v1("memory", "memory.stat", "pgmajfault", 1), Source.NONE),
    OOM_KILLS(v1("memory", "memory.oom_control", "oom_kill", 1), v2("memory.events", "oom_kill", 1)),
    SWAP(v1("memory", "memory.stat", "total_swap", 1), v2("memory.swap.current")),
    /** Of memory in version 1, and of memory and swap together; far beyond any memory if there is none. */
    MEMORY_LIMIT(v1("memory", "memory.stat", "hierarchical_memory_limit", 1), Source.NONE),
    MEMORY_AND_SWAP_LIMIT(v1("memory", "memory.stat", "hierarchical_memsw_limit", 1), Source.NONE),
    /** Of swap alone; absent in version 2 if there is none. */
    SWAP_LIMIT(Source.NONE, v2("memory.swap.max")),

    THREADS(v1("pids", "pids.current"), v2("pids.current")),
    /** Absent if there is none. */
    THREADS_LIMIT(v1("pids", "pids.max"), v2("pids.max"));

    /**
     * Where a number stands.
     *
     * @param line how it begins, with the end of the one before; empty if the number is all that the file has
     * @param factor from the kernel's unit to ours
     */
    record Source(Place place, String line, long factor) {
        static final Source NONE = new Source(new Place("", ""), "", 0);

        /** A hundredth of a second, whatever the kernel was built with (USER_HZ). */
        static final long TICK = 10_000_000;

        boolean isNone() {
            return place.file().isEmpty();
        }
    }

    private final Source version1;
    private final Source version2;

    GroupCounter(Source version1, Source version2) {
        this.version1 = version1;
        this.version2 = version2;
    }

    Source source(boolean unified) {
        return unified ? version2 : version1;
    }

    private static Source v1(String controller, String file) {
        return new Source(new Place(controller, file), "", 1);
    }

    private static Source v1(String controller, String file, String key, long factor) {
        return new Source(new Place(controller, file), CounterText.line(key), factor);
    }

    private static Source v2(String file) {
        return new Source(new Place("", file), "", 1);
    }

    private static Source v2(String file, String key, long factor) {
        return new Source(new Place("", file), CounterText.line(key), factor);
    }
}
