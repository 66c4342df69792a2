package io.keelson.oci.spec;

import io.keelson.host.json.Json;
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
