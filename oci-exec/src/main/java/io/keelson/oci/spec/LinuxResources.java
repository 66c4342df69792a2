package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

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
    private static final long UNLIMITED = -1;
    private static final long MAX_OOM_SCORE_ADJ = 1000;
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;
    private static final long MOST_WEIGHT = 10_000;

    private static final Pattern LIST = Pattern.compile("[0-9,-]*");
    private static final Pattern PAGE_SIZE = Pattern.compile("[0-9]+[KMG]B");
    private static final Pattern CGROUP_FILE = Pattern.compile("[a-z0-9_]+\\.[a-zA-Z0-9_.]+");

    /** Nothing said. */
    public static final LinuxResources NONE = new LinuxResources(0, 0, 0, 0, 0, "", "", Map.of(), Map.of(), 0);

    /** @throws Failure INVALID for what no kernel takes: an unlimited amount is -1, and nothing else is below nothing */
    public LinuxResources {
        require(cpuPeriod >= 0, "the CPU period", cpuPeriod);
        require(cpuQuota >= UNLIMITED, "the CPU quota", cpuQuota);
        require(cpuShares >= 0, "the CPU shares", cpuShares);
        require(memoryLimitBytes >= UNLIMITED, "the memory limit", memoryLimitBytes);
        require(memorySwapLimitBytes >= UNLIMITED, "the limit of memory and swap", memorySwapLimitBytes);
        require(oomScoreAdj >= -MAX_OOM_SCORE_ADJ && oomScoreAdj <= MAX_OOM_SCORE_ADJ, "oom_score_adj", oomScoreAdj);
        require(LIST.matcher(cpusetCpus).matches(), "the list of CPUs", cpusetCpus);
        require(LIST.matcher(cpusetMems).matches(), "the list of memory nodes", cpusetMems);
        hugepageLimits.keySet().forEach(size -> require(PAGE_SIZE.matcher(size).matches(), "a page size", size));
        unified.keySet().forEach(file -> require(CGROUP_FILE.matcher(file).matches(), "a cgroup's file", file));
        hugepageLimits = Map.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }

    private static void require(boolean holds, String what, Object value) {
        if (!holds) {
            throw Failure.invalid(what + " cannot be \"" + value + "\"");
        }
    }

    /** These, changed by what the others say; what those do not say stays. */
    public LinuxResources with(LinuxResources others) {
        return new LinuxResources(
                said(others.cpuPeriod, cpuPeriod),
                said(others.cpuQuota, cpuQuota),
                said(others.cpuShares, cpuShares),
                said(others.memoryLimitBytes, memoryLimitBytes),
                said(others.oomScoreAdj, oomScoreAdj),
                others.cpusetCpus.isEmpty() ? cpusetCpus : others.cpusetCpus,
                others.cpusetMems.isEmpty() ? cpusetMems : others.cpusetMems,
                together(hugepageLimits, others.hugepageLimits),
                together(unified, others.unified),
                said(others.memorySwapLimitBytes, memorySwapLimitBytes));
    }

    private static long said(long changed, long otherwise) {
        return changed == 0 ? otherwise : changed;
    }

    private static <T> Map<String, T> together(Map<String, T> some, Map<String, T> others) {
        var all = new HashMap<>(some);
        all.putAll(others);
        return all;
    }

    public boolean hasUnlimitedCpu() {
        return cpuQuota == UNLIMITED;
    }

    public LinuxResources withoutCpuQuota() {
        return new LinuxResources(
                cpuPeriod,
                0,
                cpuShares,
                memoryLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                hugepageLimits,
                unified,
                memorySwapLimitBytes);
    }

    public LinuxResources withHugepageLimits(Map<String, Long> limits) {
        return with(limits, memorySwapLimitBytes);
    }

    /** The same with these limits in place of its own. */
    public LinuxResources with(Map<String, Long> otherHugepageLimits, long otherMemorySwapLimitBytes) {
        return new LinuxResources(
                cpuPeriod,
                cpuQuota,
                cpuShares,
                memoryLimitBytes,
                oomScoreAdj,
                cpusetCpus,
                cpusetMems,
                otherHugepageLimits,
                unified,
                otherMemorySwapLimitBytes);
    }

    /** The CPU shares, 2 to 262144, as version 2 counts them, from 1 to 10000. */
    public long cpuWeight() {
        var shares = Math.clamp(cpuShares, LEAST_SHARES, MOST_SHARES);
        return 1 + (shares - LEAST_SHARES) * (MOST_WEIGHT - 1) / (MOST_SHARES - LEAST_SHARES);
    }

    /** As the OCI's {@code linux.resources}, which the runtime's {@code update} takes as well. */
    public Json.Obj toJson() {
        var json = Json.object();
        putIfAny(json, "cpu", cpu());
        putIfAny(json, "memory", memory());
        if (!hugepageLimits.isEmpty()) {
            json.putAll(
                    "hugepageLimits",
                    hugepageLimits.entrySet().stream()
                            .map(limit -> Json.object()
                                    .put("pageSize", limit.getKey())
                                    .put("limit", limit.getValue())
                                    .build())
                            .toList());
        }
        if (!unified.isEmpty()) {
            json.putTextMap("unified", unified);
        }
        return json.build();
    }

    private Json.Obj cpu() {
        var json = Json.object();
        putIfSaid(json, "shares", cpuShares);
        putIfSaid(json, "quota", cpuQuota);
        putIfSaid(json, "period", cpuPeriod);
        if (!cpusetCpus.isEmpty()) {
            json.put("cpus", cpusetCpus);
        }
        if (!cpusetMems.isEmpty()) {
            json.put("mems", cpusetMems);
        }
        return json.build();
    }

    private Json.Obj memory() {
        var json = Json.object();
        putIfSaid(json, "limit", memoryLimitBytes);
        putIfSaid(json, "swap", memorySwapLimitBytes);
        return json.build();
    }

    private static void putIfSaid(Json.Builder json, String key, long value) {
        if (value != 0) {
            json.put(key, value);
        }
    }

    private static void putIfAny(Json.Builder json, String key, Json.Obj value) {
        if (!value.members().isEmpty()) {
            json.put(key, value);
        }
    }
}
