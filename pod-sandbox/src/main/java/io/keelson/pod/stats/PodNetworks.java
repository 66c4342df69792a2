package io.keelson.pod.stats;

import io.keelson.pod.Pod;
import io.keelson.pod.PodPaths;
import io.keelson.pod.namespace.NamespaceMode;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What went through pods' networks. */
public final class PodNetworks {
    private final PodPaths paths;
    private final InstantSource clock;

    public PodNetworks(PodPaths paths, InstantSource clock) {
        this.paths = paths;
        this.clock = clock;
    }

    /** In the order of the pods. */
    List<NetworkUsage> of(List<Pod> pods) {
        var namespaces = pods.stream().flatMap(pod -> namespace(pod).stream()).toList();
        var at = clock.instant();
        var read = NetworkReader.read(namespaces).iterator();
        var usages = new ArrayList<NetworkUsage>(pods.size());
        for (var pod : pods) {
            usages.add(new NetworkUsage(at, namespace(pod).isPresent() ? read.next() : List.of()));
        }
        return usages;
    }

    /** Absent in the host's network, which is not the pod's. */
    private Optional<Path> namespace(Pod pod) {
        return pod.spec().security().namespaces().network() == NamespaceMode.NODE
                ? Optional.empty()
                : Optional.of(paths.namespaces(pod.id()).network());
    }
}
