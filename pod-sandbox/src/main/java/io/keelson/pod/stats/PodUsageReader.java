package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodState;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.namespace.NamespaceMode;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** Reads what pods use from their cgroups and network namespaces, when it is asked for. */
public final class PodUsageReader {
    private final PodCatalog pods;
    private final PodPaths paths;
    private final UsageReader containers;
    private final Cgroups cgroups;
    private final InstantSource clock;

    public PodUsageReader(
            PodCatalog pods, PodPaths paths, UsageReader containers, Cgroups cgroups, InstantSource clock) {
        this.pods = pods;
        this.paths = paths;
        this.containers = containers;
        this.cgroups = cgroups;
        this.clock = clock;
    }

    /** @throws Failure ABSENT if there is no such pod, WRONG_STATE if it is not ready */
    public PodUsage of(String idOrPrefix) {
        var pod = pods.get(idOrPrefix);
        if (pod.state() != PodState.READY) {
            throw Failure.wrongState("it was stopped, and uses nothing");
        }
        return read(pod);
    }

    /** Those that are ready, each looked at when the stream comes to it. */
    public Stream<PodUsage> list(PodFilter filter) {
        return pods.list(filter).stream()
                .filter(pod -> pod.state() == PodState.READY)
                .map(this::read);
    }

    /** Of a pod that is being stopped, what is still there. */
    private PodUsage read(Pod pod) {
        return new PodUsage(
                pod,
                clock.instant(),
                cgroups.usage(pod.cgroupPath()).orElse(CgroupUsage.UNKNOWN),
                cgroups.processCount(pod.cgroupPath()),
                interfaces(pod),
                containers.list(ContainerFilter.ofPod(pod.id())).toList());
    }

    private List<InterfaceUsage> interfaces(Pod pod) {
        return pod.spec().security().namespaces().network() == NamespaceMode.NODE
                ? List.of()
                : NetworkReader.read(paths.namespaces(pod.id()).network());
    }
}
