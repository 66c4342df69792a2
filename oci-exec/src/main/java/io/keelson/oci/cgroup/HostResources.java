package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of this node can be given to containers and limited, and so which limits it can keep.
 *
 * @param countsSwap whether the kernel can limit memory and swap together
 * @param limitsHugepages whether there is the controller for it
 * @param pageSizes of huge pages, {@code 2MB} say
 * @param processors those online
 * @param memoryNodes those online
 */
public record HostResources(
        boolean isCgroupVersion2,
        boolean countsSwap,
        boolean limitsHugepages,
        Set<String> pageSizes,
        String processors,
        String memoryNodes) {
    /** What the scheduler takes (sched-bwc in the kernel's documentation). */
    private static final long LEAST_PERIOD_MICROS = 1_000;

    private static final long LARGEST_PERIOD_MICROS = 1_000_000;
    private static final long LEAST_QUOTA_MICROS = 1_000;

    /** Others the kernel would change in silence (version 1), or the runtime cannot translate (version 2). */
    private static final long LEAST_SHARES = 2;

    private static final long LARGEST_SHARES = 262_144;

    private static final String SWAP_FILE = "memory.swap.max";
    private static final String CGROUP_ITSELF = "cgroup.";

    public HostResources {
        pageSizes = Set.copyOf(pageSizes);
    }

    /** @param sys {@code /sys}, or what looks like it */
    public static HostResources read(Path sys, CgroupLayout layout) {
        return HostResourcesDetection.read(sys, layout);
    }

    /**
     * The limits as the runtime gets them. Where swap is counted and nothing is said of it, there is none beyond the memory limit;
     * limits of huge pages are left out where nothing can keep them, as kubelet sends them to every node.
     *
     * @throws Failure as {@link #require}
     */
    public LinuxResources effective(LinuxResources wanted) {
        require(wanted);
        var limit = wanted.memoryLimitBytes();
        var isSwapOpen = wanted.memorySwapLimitBytes() == 0 && !wanted.unified().containsKey(SWAP_FILE);
        var swap = isSwapOpen && limit > 0 && countsSwap ? limit : wanted.memorySwapLimitBytes();
        var kept = limitable(wanted);
        return kept.with(kept.hugepageLimits(), swap);
    }

    /**
     * Looks whether the node can keep these limits; what is zero or empty is none.
     *
     * @throws Failure INVALID for what no kernel takes, WRONG_STATE for what this node cannot keep
     */
    public void require(LinuxResources wanted) {
        requireCpu(wanted);
        requireMemory(wanted);
        requireHugepages(wanted.hugepageLimits());
        requireUnified(wanted.unified());
    }

    /** The limits without those of huge pages where nothing can keep them, as kubelet sends them to every node. */
    public LinuxResources limitable(LinuxResources wanted) {
        return limitsHugepages ? wanted : wanted.withHugepageLimits(Map.of());
    }

    private void requireCpu(LinuxResources wanted) {
        requireWithin("the CPU period in µs", wanted.cpuPeriod(), LEAST_PERIOD_MICROS, LARGEST_PERIOD_MICROS);
        requireWithin("the CPU shares", wanted.cpuShares(), LEAST_SHARES, LARGEST_SHARES);
        if (wanted.cpuQuota() > 0) {
            requireWithin("the CPU quota in µs", wanted.cpuQuota(), LEAST_QUOTA_MICROS, Long.MAX_VALUE / 1000);
        }
        requireOnline("CPUs", wanted.cpusetCpus(), processors);
        requireOnline("memory nodes", wanted.cpusetMems(), memoryNodes);
    }

    /** Zero is not said. */
    private static void requireWithin(String what, long value, long least, long largest) {
        if (value != 0 && (value < least || value > largest)) {
            throw Failure.invalid(what + " are to be " + least + " to " + largest + ", and not " + value);
        }
    }

    private static void requireOnline(String what, String wanted, String online) {
        try {
            if (!NumberList.parse(online).containsAll(NumberList.parse(wanted))) {
                throw Failure.wrongState("this node has " + online);
            }
        } catch (Failure e) {
            throw e.during("cannot use " + what + " \"" + wanted + "\"");
        }
    }

    private void requireMemory(LinuxResources wanted) {
        var swap = wanted.memorySwapLimitBytes();
        if (swap == 0) {
            return;
        }
        var limit = wanted.memoryLimitBytes();
        if (swap > 0 && (limit <= 0 || swap < limit)) {
            throw Failure.invalid("the limit of memory and swap together, " + swap
                    + ", needs a memory limit that is not larger, and that is " + limit);
        }
        if (!countsSwap) {
            throw Failure.wrongState("memory and swap cannot be limited to " + swap
                    + ": this node's kernel does not count swap (swapaccount=1)");
        }
    }

    private void requireHugepages(Map<String, Long> wanted) {
        wanted.forEach((size, limit) -> {
            if (limit < 0) {
                throw Failure.invalid(
                        "the limit of huge pages of " + size + " cannot be " + Long.toUnsignedString(limit) + " bytes");
            }
            if (!pageSizes.contains(size)) {
                throw Failure.wrongState("huge pages of " + size + " cannot be limited: this node has "
                        + (pageSizes.isEmpty() ? "none" : String.join(", ", new TreeSet<>(pageSizes))));
            }
        });
    }

    private void requireUnified(Map<String, String> wanted) {
        wanted.forEach((file, value) -> {
            if (file.startsWith(CGROUP_ITSELF) || value.chars().anyMatch(Character::isISOControl)) {
                throw Failure.invalid("cannot set " + file + ": it is not a limit, or its value is not plain");
            }
        });
        if (!wanted.isEmpty() && !isCgroupVersion2) {
            throw Failure.wrongState("cannot set " + String.join(", ", new TreeSet<>(wanted.keySet()))
                    + ": this node's control groups are of version 1, and these files of version 2");
        }
    }
}
