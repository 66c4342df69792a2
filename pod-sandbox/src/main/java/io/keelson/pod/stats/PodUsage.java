package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.pod.Pod;
import java.time.Instant;
import java.util.List;

/**
 * What a pod uses, and when that was looked at.
 *
 * @param usage of everything in its cgroup; nothing is known of it before its first container is made
 * @param interfaces none for a pod in the host's network
 * @param containers those that have not ended
 */
public record PodUsage(
        Pod pod,
        Instant at,
        CgroupUsage usage,
        long processes,
        List<InterfaceUsage> interfaces,
        List<ContainerUsage> containers) {
    public PodUsage {
        interfaces = List.copyOf(interfaces);
        containers = List.copyOf(containers);
    }
}
