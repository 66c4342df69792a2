package io.keelson.pod.container;

import io.keelson.oci.spec.LinuxResources;

/**
 * A change of what a container may use.
 *
 * @param told what the runtime has to be told
 * @param result what is in force afterwards
 */
record ResourceChange(LinuxResources told, LinuxResources result) {
    private static final long UNLIMITED = -1;

    /**
     * What is zero or empty in {@code wanted} stays. The score for the kernel's OOM killer stays whatever is wanted: it is that of
     * processes, which have it from their start.
     */
    static ResourceChange of(LinuxResources inForce, LinuxResources wanted) {
        var swap = swap(inForce, wanted);
        var result = with(inForce.with(wanted), inForce.oomScoreAdj(), swap);
        var told = new LinuxResources(
                // Limits that version 2 has in one file, or that are reckoned from one another, go together.
                wanted.cpuPeriod() == 0 && wanted.cpuQuota() == 0 ? 0 : result.cpuPeriod(),
                wanted.cpuPeriod() == 0 && wanted.cpuQuota() == 0 ? 0 : result.cpuQuota(),
                wanted.cpuShares(),
                wanted.memoryLimitBytes() == 0 && wanted.memorySwapLimitBytes() == 0 ? 0 : result.memoryLimitBytes(),
                0,
                wanted.cpusetCpus(),
                wanted.cpusetMems(),
                wanted.hugepageLimits(),
                wanted.unified(),
                wanted.memoryLimitBytes() == 0 && wanted.memorySwapLimitBytes() == 0 ? 0 : swap);
        return new ResourceChange(told, result);
    }

    /**
     * The limit of memory and swap together, of which a change of memory alone says nothing: where there was no swap there is none
     * afterwards, and nowhere is it below that of memory, which no kernel takes.
     */
    private static long swap(LinuxResources inForce, LinuxResources wanted) {
        if (wanted.memorySwapLimitBytes() != 0) {
            return wanted.memorySwapLimitBytes();
        }
        var before = inForce.memorySwapLimitBytes();
        var memory = wanted.memoryLimitBytes();
        if (memory == 0 || before == 0 || before == UNLIMITED) {
            return before;
        }
        var follows = before == inForce.memoryLimitBytes() || memory == UNLIMITED || before < memory;
        return follows ? memory : before;
    }

    private static LinuxResources with(LinuxResources resources, long oomScoreAdj, long swap) {
        return new LinuxResources(
                resources.cpuPeriod(),
                resources.cpuQuota(),
                resources.cpuShares(),
                resources.memoryLimitBytes(),
                oomScoreAdj,
                resources.cpusetCpus(),
                resources.cpusetMems(),
                resources.hugepageLimits(),
                resources.unified(),
                swap);
    }

    boolean isNothing() {
        return told.equals(LinuxResources.NONE);
    }
}
