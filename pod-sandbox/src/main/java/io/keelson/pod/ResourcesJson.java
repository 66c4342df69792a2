package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.LinuxResources;
import java.util.LinkedHashMap;

/** {@link LinuxResources} as records keep them. */
public final class ResourcesJson {
    private ResourcesJson() {}

    public static Json.Obj write(LinuxResources resources) {
        var hugepages = Json.object();
        resources.hugepageLimits().forEach(hugepages::put);
        return Json.object()
                .put("cpuPeriod", resources.cpuPeriod())
                .put("cpuQuota", resources.cpuQuota())
                .put("cpuShares", resources.cpuShares())
                .put("memoryLimitBytes", resources.memoryLimitBytes())
                .put("oomScoreAdj", resources.oomScoreAdj())
                .put("cpusetCpus", resources.cpusetCpus())
                .put("cpusetMems", resources.cpusetMems())
                .put("hugepageLimits", hugepages)
                .putTextMap("unified", resources.unified())
                .put("memorySwapLimitBytes", resources.memorySwapLimitBytes())
                .build();
    }

    public static LinuxResources read(Json.Obj json) {
        var hugepages = new LinkedHashMap<String, Long>();
        var limits = json.object("hugepageLimits");
        limits.members().keySet().forEach(size -> hugepages.put(size, limits.number(size)));
        return new LinuxResources(
                json.number("cpuPeriod"),
                json.number("cpuQuota"),
                json.number("cpuShares"),
                json.number("memoryLimitBytes"),
                json.number("oomScoreAdj"),
                json.text("cpusetCpus"),
                json.text("cpusetMems"),
                hugepages,
                json.textMap("unified"),
                json.number("memorySwapLimitBytes"));
    }
}
