package io.keelson.pod.stats;

import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.stats.Moments.Moment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What went through pods' networks. */
public final class PodNetworks {
    private final PodPaths paths;
    private final Moments moments;
    private final Function<List<Path>, List<List<InterfaceUsage>>> reader;
    private volatile Visit last;

    /** One way round the namespaces of some pods; of those in the host's network, which is not theirs, there is nothing. */
    private record Visit(Moment moment, Map<PodId, List<InterfaceUsage>> interfaces) {
        boolean hasAll(List<Pod> pods) {
            return pods.stream().allMatch(pod -> interfaces.containsKey(pod.id()));
        }

        List<NetworkUsage> of(List<Pod> pods) {
            return pods.stream()
                    .map(pod -> new NetworkUsage(moment.at(), interfaces.getOrDefault(pod.id(), List.of())))
                    .toList();
        }
    }

    public PodNetworks(PodPaths paths, Moments moments) {
        this(paths, moments, NetworkReader::read);
    }

    /** @param reader of what {@link NetworkReader#read} reads */
    PodNetworks(PodPaths paths, Moments moments, Function<List<Path>, List<List<InterfaceUsage>>> reader) {
        this.paths = paths;
        this.moments = moments;
        this.reader = reader;
        last = new Visit(moments.now(), Map.of());
    }

    /** As it is now, in the order of the pods. */
    List<NetworkUsage> read(List<Pod> pods) {
        var visit = visit(pods);
        last = visit;
        return visit.of(pods);
    }

    /** The same from the last visit, if that was to all of them and is {@linkplain Moments#RECENT recent}. */
    List<NetworkUsage> recent(List<Pod> pods) {
        var visit = last;
        return moments.isRecent(visit.moment()) && visit.hasAll(pods) ? visit.of(pods) : read(pods);
    }

    private Visit visit(List<Pod> pods) {
        var namespaces = pods.stream().flatMap(pod -> namespace(pod).stream()).toList();
        var moment = moments.now();
        var read = reader.apply(namespaces).iterator();
        var interfaces = new HashMap<PodId, List<InterfaceUsage>>();
        for (var pod : pods) {
            interfaces.put(pod.id(), namespace(pod).isPresent() ? read.next() : List.of());
        }
        return new Visit(moment, interfaces);
    }

    private Optional<Path> namespace(Pod pod) {
        return pod.spec().security().namespaces().network() == NamespaceMode.NODE
                ? Optional.empty()
                : Optional.of(paths.namespaces(pod.id()).network());
    }
}
