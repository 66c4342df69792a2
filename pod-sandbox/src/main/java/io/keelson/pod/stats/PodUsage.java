package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.pod.Pod;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a pod uses, and when that was looked at.
 *
 * @param usage of everything in its cgroup; nothing is known of it before its first container is made
 * @param cpuRate nanoseconds of CPU time a second, of the last seconds
 * @param containers those that have not ended
 */
public record PodUsage(
        Pod pod,
        Instant at,
        CgroupUsage usage,
        OptionalLong cpuRate,
        ProcessCount processes,
        NetworkUsage network,
        List<ContainerUsage> containers) {
    public PodUsage {
        containers = List.copyOf(containers);
    }

    /** How many processes there were in its cgroup, which is always counted for the one who asks. */
    public record ProcessCount(Instant at, long number) {}
}
