package io.keelson.pod.stats;

import io.keelson.host.disk.TreeUsage;
import io.keelson.host.linux.LinuxException;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerPaths;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * How much containers have written into their root file systems. The trees are walked one after the other by a thread that rests much
 * longer than it works, and whoever asks is told what it last found: nobody waits for a tree, however large.
 */
public final class WritableLayers {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    /** A tree is walked again after this many times the time that it took. */
    private static final int REST = 50;

    private final ContainerCatalog containers;
    private final ContainerPaths paths;
    private final InstantSource clock;
    private final Map<ContainerId, Measured> measured = new ConcurrentHashMap<>();

    private record Measured(LayerUsage usage, Instant next) {}

    /** What a container has written, and when that was counted. */
    public record LayerUsage(Instant at, TreeUsage tree) {}

    public WritableLayers(ContainerCatalog containers, ContainerPaths paths, InstantSource clock) {
        this.containers = containers;
        this.paths = paths;
        this.clock = clock;
    }

    /** Until it is closed. */
    public AutoCloseable start() {
        return Rounds.start("layer-usage", PERIOD, this::measure);
    }

    /** Absent for the first seconds of a container. */
    Optional<LayerUsage> of(ContainerId id) {
        return Optional.ofNullable(measured.get(id)).map(Measured::usage);
    }

    void measure() {
        var there = containers.list(ContainerFilter.all()).stream()
                .filter(UsageReader::isThere)
                .map(Container::id)
                .collect(Collectors.toSet());
        measured.keySet().retainAll(there);
        for (var id : there) {
            var known = measured.get(id);
            if (known == null || !clock.instant().isBefore(known.next())) {
                measure(id);
            }
        }
    }

    private void measure(ContainerId id) {
        var begin = clock.instant();
        try {
            var tree = TreeUsage.measure(paths.writable(id));
            var end = clock.instant();
            measured.put(
                    id,
                    new Measured(
                            new LayerUsage(begin, tree),
                            end.plus(Duration.between(begin, end).multipliedBy(REST))));
        } catch (LinuxException e) {
            // It has ended and was removed.
            measured.remove(id);
        }
    }
}
