package io.keelson.server.rpc;

import io.keelson.oci.spec.LinuxResources;
import io.keelson.proto.HugepageLimit;
import io.keelson.proto.LinuxContainerResources;
import java.util.Optional;
import java.util.stream.Collectors;

/** Between CRI's resources and ours. */
final class Resources {
    private Resources() {}

    static LinuxResources of(LinuxContainerResources resources) {
        return new LinuxResources(
                resources.getCpuPeriod(),
                resources.getCpuQuota(),
                resources.getCpuShares(),
                resources.getMemoryLimitInBytes(),
                resources.getOomScoreAdj(),
                resources.getCpusetCpus(),
                resources.getCpusetMems(),
                resources.getHugepageLimitsList().stream()
                        .collect(Collectors.toMap(
                                HugepageLimit::getPageSize, HugepageLimit::getLimit, (first, last) -> last)),
                resources.getUnifiedMap(),
                resources.getMemorySwapLimitInBytes());
    }

    /** Absent if the request says nothing of them. */
    static Optional<LinuxResources> find(boolean isSaid, LinuxContainerResources resources) {
        return isSaid ? Optional.of(of(resources)) : Optional.empty();
    }

    static LinuxContainerResources wire(LinuxResources resources) {
        var result = LinuxContainerResources.newBuilder()
                .setCpuPeriod(resources.cpuPeriod())
                .setCpuQuota(resources.cpuQuota())
                .setCpuShares(resources.cpuShares())
                .setMemoryLimitInBytes(resources.memoryLimitBytes())
                .setOomScoreAdj(resources.oomScoreAdj())
                .setCpusetCpus(resources.cpusetCpus())
                .setCpusetMems(resources.cpusetMems())
                .putAllUnified(resources.unified())
                .setMemorySwapLimitInBytes(resources.memorySwapLimitBytes());
        resources
                .hugepageLimits()
                .forEach((size, limit) -> result.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize(size).setLimit(limit)));
        return result.build();
    }
}
