package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.host.lifecycle.KeyedLocks.Held;
import io.keelson.pod.LifeListener.Change;
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
    private volatile LifeListener listener = LifeListener.NONE;

    public PodCatalog(PodPaths paths) {
        this.paths = paths;
    }

    /** From now on it hears of every change. */
    public void tell(LifeListener to) {
        listener = to;
    }

    /** By id, or a beginning of it that fits one pod only. */
    public Optional<Pod> find(String idOrPrefix) {
        if (idOrPrefix.isEmpty()) {
            return Optional.empty();
        }
        var whole = PodId.find(idOrPrefix).map(pods::get);
        if (whole.isPresent()) {
            return whole.map(PodEntry::view);
        }
        var found = pods.values().stream()
                .filter(each -> each.id().hex().startsWith(idOrPrefix))
                .limit(2)
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst().view()) : Optional.empty();
    }

    /** @throws Failure ABSENT */
    public Pod get(String idOrPrefix) {
        return find(idOrPrefix).orElseThrow(() -> absent());
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
        var entry = entry(id).orElseThrow(() -> absent());
        return PodDetails.of(entry, paths.namespaces(id));
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
        listener.podChanged(Change.CREATED, entry.view());
        if (entry.status().state() == PodState.READY) {
            listener.podChanged(Change.STARTED, entry.view());
        }
    }

    /** Writes the new status, and then has everybody see it. The caller holds the pod's lock. */
    PodEntry change(PodEntry entry, PodStatus status) {
        var changed = PodEntry.of(entry.record(), status);
        var journal = paths.journal(entry.id());
        if (status.state() == PodState.READY) {
            journal.add(status);
        } else {
            // Not synchronised: a power failure ends the pod as well, and all that it held but its place in networks,
            // which is given back twice.
            FinalStatus.write(journal.file(), () -> journal.note(status));
        }
        pods.put(entry.id(), changed);
        if (entry.status().state() == PodState.READY && status.state() != PodState.READY) {
            listener.podChanged(Change.STOPPED, changed.view());
        }
        return changed;
    }

    /** The pod, or a container in it, could not be made; nothing of that is left. */
    public void startFailed(Pod pod, Failure why) {
        listener.startFailed(pod, why);
    }

    /** The caller holds the pod's lock. */
    void forget(PodId id) {
        Optional.ofNullable(pods.remove(id)).ifPresent(entry -> listener.podChanged(Change.DELETED, entry.view()));
    }

    /** Whoever asked says which. */
    private static Failure absent() {
        return Failure.absent("no such pod");
    }
}
