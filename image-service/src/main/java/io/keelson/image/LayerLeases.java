package io.keelson.image;

import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Who needs layers just now, without a record that says so: pulls under way, and containers being made. Leasing and removing
 * exclude each other, so a layer that was found while leased stays.
 */
final class LayerLeases {
    private final Map<Digest, Integer> leases = new HashMap<>();

    /** Held until closed, which may be done twice. */
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    synchronized Lease hold(Collection<Digest> diffIds) {
        var held = List.copyOf(diffIds);
        held.forEach(diffId -> leases.merge(diffId, 1, Integer::sum));
        var released = new AtomicBoolean();
        return () -> {
            if (released.compareAndSet(false, true)) {
                release(held);
            }
        };
    }

    private synchronized void release(List<Digest> held) {
        held.forEach(diffId -> leases.computeIfPresent(diffId, (key, count) -> count == 1 ? null : count - 1));
    }

    /**
     * Removes those layers of {@code candidates} that nobody leases and that are not {@code used}, and trees that were replaced and that
     * no container stands on.
     */
    synchronized void removeUnused(
            LayerStore layers,
            Collection<Digest> candidates,
            Supplier<Set<Digest>> used,
            Supplier<Set<Digest>> byContainers) {
        var inUse = used.get();
        for (var diffId : Set.copyOf(candidates)) {
            if (!inUse.contains(diffId) && !leases.containsKey(diffId)) {
                layers.remove(diffId);
            }
        }
        var mounted = new HashSet<>(byContainers.get());
        mounted.addAll(leases.keySet());
        layers.removeReplaced(mounted);
    }
}
