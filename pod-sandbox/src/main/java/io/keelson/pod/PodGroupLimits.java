package io.keelson.pod;

import io.keelson.oci.spec.LinuxResources;
import java.util.Map;

/**
 * What a pod may use as a whole: what its containers may together, and what it takes besides (CRI v1, LinuxPodSandboxConfig,
 * resources and overhead). Without a limit for the containers there is none for the pod.
 */
final class PodGroupLimits {
    private static final long DEFAULT_PERIOD_MICROS = 100_000;
    private static final long UNLIMITED = -1;

    /** What the kernel gives to a group of which nothing is said. */
    private static final long DEFAULT_SHARES = 1024;

    private PodGroupLimits() {}

    static LinuxResources of(PodLimits limits) {
        var containers = limits.resources();
        var overhead = limits.overhead();
        var hasQuota = containers.cpuQuota() > 0;
        return limits(
                hasQuota ? period(containers) : 0,
                hasQuota ? sum(containers.cpuQuota(), quota(overhead, period(containers))) : 0,
                containers.cpuShares() > 0 ? sum(containers.cpuShares(), overhead.cpuShares()) : 0,
                containers.memoryLimitBytes() > 0
                        ? sum(containers.memoryLimitBytes(), Math.max(0, overhead.memoryLimitBytes()))
                        : 0);
    }

    /** These limits, said so that whatever the group has of others is taken away. */
    static LinuxResources whole(LinuxResources limits) {
        return limits(
                limits.cpuPeriod() == 0 ? DEFAULT_PERIOD_MICROS : limits.cpuPeriod(),
                limits.cpuQuota() == 0 ? UNLIMITED : limits.cpuQuota(),
                limits.cpuShares() == 0 ? DEFAULT_SHARES : limits.cpuShares(),
                limits.memoryLimitBytes() == 0 ? UNLIMITED : limits.memoryLimitBytes());
    }

    private static LinuxResources limits(long period, long quota, long shares, long memory) {
        return new LinuxResources(period, quota, shares, memory, 0, "", "", Map.of(), Map.of(), 0);
    }

    /** The same time in another period. */
    private static long quota(LinuxResources resources, long period) {
        return resources.cpuQuota() <= 0 ? 0 : Math.round((double) resources.cpuQuota() * period / period(resources));
    }

    private static long period(LinuxResources resources) {
        return resources.cpuPeriod() == 0 ? DEFAULT_PERIOD_MICROS : resources.cpuPeriod();
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
