package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.host.lifecycle.KeyedLocks.Held;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The pods on this node. Questions are answered from memory, without a lock; pods that are being made are not among them. A change
 * is on disk before it is seen, and made by one thread at a time for each pod.
 */
public final class PodCatalog {
    private final PodPaths paths;
    private final Map<PodId, PodEntry> pods = new ConcurrentHashMap<>();
    private final KeyedLocks<PodId> locks = new KeyedLocks<>();

    public PodCatalog(PodPaths paths) {
        this.paths = paths;
    }

    /** By id, or a beginning of it that fits one pod only. */
    public Optional<Pod> find(String idOrPrefix) {
        if (idOrPrefix.isEmpty()) {
            return Optional.empty();
        }
        var found = pods.values().stream()
                .filter(each -> each.id().hex().startsWith(idOrPrefix))
                .limit(2)
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst().view()) : Optional.empty();
    }

    /** @throws Failure ABSENT */
    public Pod get(String idOrPrefix) {
        return find(idOrPrefix).orElseThrow(() -> absent(idOrPrefix));
    }

    /** The newest first. */
    public List<Pod> list(PodFilter filter) {
        return pods.values().stream()
                .map(PodEntry::view)
                .filter(filter::accepts)
                .sorted(Comparator.comparing(Pod::createdAt).reversed())
                .toList();
    }

    /** More about a pod, for people: its record and how its start went. */
    public Json.Obj details(PodId id) {
        var entry = entry(id).orElseThrow(() -> absent(id.hex()));
        var json = Json.object()
                .put("record", entry.record().toJson())
                .put("status", entry.status().toJson())
                .put("startTimeline", entry.status().startTimeline().toJson())
                .put("namespaces", namespaces(entry));
        entry.status().init().ifPresent(init -> json.put("pid", init.pid()));
        return json.build();
    }

    private Json.Obj namespaces(PodEntry entry) {
        var json = Json.object();
        if (!entry.status().isReleased()) {
            paths.namespaces(entry.id()).existing().forEach((kind, path) -> json.put(kind, path.toString()));
        }
        return json.build();
    }

    /** Does something in a pod that is ready, and stays ready until that is done. */
    public <T> T whileReady(PodId id, Supplier<T> action) {
        try (var _ = locks.lock(id)) {
            if (get(id.hex()).state() != PodState.READY) {
                throw Failure.wrongState("pod " + id + " is not ready: it was stopped");
            }
            return action.get();
        }
    }

    Held lock(PodId id) {
        return locks.lock(id);
    }

    Optional<PodEntry> entry(PodId id) {
        return Optional.ofNullable(pods.get(id));
    }

    Optional<PodEntry> byName(PodMetadata metadata) {
        return pods.values().stream()
                .filter(each -> each.record().spec().metadata().equals(metadata))
                .findFirst();
    }

    /** Makes a new pod seen; its record and status are on disk. */
    void add(PodEntry entry) {
        pods.put(entry.id(), entry);
    }

    /** Writes the new status, and then has everybody see it. The caller holds the pod's lock. */
    PodEntry change(PodEntry entry, PodStatus status) {
        var changed = PodEntry.of(entry.record(), status);
        var text = status.toJson().toBytes();
        if (status.state() == PodState.READY) {
            DurableFiles.write(paths.status(entry.id()), text);
        } else {
            FinalStatus.write(paths.status(entry.id()), text);
        }
        pods.put(entry.id(), changed);
        return changed;
    }

    /** The caller holds the pod's lock. */
    void forget(PodId id) {
        pods.remove(id);
    }

    private static Failure absent(String id) {
        return Failure.absent("there is no pod " + id);
    }
}
