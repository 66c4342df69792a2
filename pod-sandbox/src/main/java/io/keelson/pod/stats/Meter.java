package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.oci.cgroup.GroupCounter;
import io.keelson.oci.cgroup.GroupLook;
import io.keelson.oci.cgroup.OpenGroup;
import java.util.OptionalLong;

/** The counters of one pod or container, and what they were a moment ago. */
final class Meter implements AutoCloseable {
    private final OpenGroup group;
    private final CpuRate rate = new CpuRate();

    Meter(OpenGroup group) {
        this.group = group;
    }

    GroupLook look() {
        return group.look();
    }

    /** In the group and in those below it, now. */
    long processCount() {
        return group.processCount();
    }

    /** What is used of a core, to be called with what was just read. */
    OptionalLong cpuRate(CgroupUsage usage) {
        return rate(usage.cpuNanos());
    }

    /** For the next caller: there is to be a window then. */
    void sample() {
        rate(group.look().find(GroupCounter.CPU));
    }

    private OptionalLong rate(OptionalLong cpuNanos) {
        return cpuNanos.isEmpty() ? cpuNanos : rate.measure(System.nanoTime(), cpuNanos.getAsLong());
    }

    @Override
    public void close() {
        group.close();
    }
}
