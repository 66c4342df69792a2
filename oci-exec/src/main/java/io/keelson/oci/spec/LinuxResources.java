package io.keelson.oci.spec;

import java.util.Map;

/**
 * What a container may use of the machine (CRI v1, LinuxContainerResources). Zero and empty mean that it is not said.
 *
 * @param hugepageLimits bytes by page size, {@code 2MB} say
 * @param unified files of cgroup v2 and their contents
 */
public record LinuxResources(
        long cpuPeriod,
        long cpuQuota,
        long cpuShares,
        long memoryLimitBytes,
        long oomScoreAdj,
        String cpusetCpus,
        String cpusetMems,
        Map<String, Long> hugepageLimits,
        Map<String, String> unified,
        long memorySwapLimitBytes) {
    /** Nothing said. */
    public static final LinuxResources NONE = new LinuxResources(0, 0, 0, 0, 0, "", "", Map.of(), Map.of(), 0);

    public LinuxResources {
        hugepageLimits = Map.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }
}
