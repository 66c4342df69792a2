package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.host.lifecycle.KeyedLocks.Held;
import io.keelson.image.reference.Digest;
import io.keelson.pod.FinalStatus;
import io.keelson.pod.LifeListener;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.PodId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The containers on this node. Questions are answered from memory, without a lock; those that are being made are not among them. A
 * change is on disk before it is seen, and made by one thread at a time for each container.
 */
public final class ContainerCatalog {
    private static final int MAX_SPEC_BYTES = 16 * 1024 * 1024;

    private final ContainerPaths paths;
    private final Map<ContainerId, ContainerEntry> containers = new ConcurrentHashMap<>();
    private final Map<ContainerId, CountDownLatch> ends = new ConcurrentHashMap<>();
    private final Map<ContainerId, CountDownLatch> releases = new ConcurrentHashMap<>();
    private final KeyedLocks<ContainerId> locks = new KeyedLocks<>();
    private volatile LifeListener listener = LifeListener.NONE;

    public ContainerCatalog(ContainerPaths paths) {
        this.paths = paths;
    }

    /** From now on it hears of every change. */
    public void tell(LifeListener to) {
        listener = to;
    }

    /** By id, or a beginning of it that fits one container only. */
    public Optional<Container> find(String idOrPrefix) {
        if (idOrPrefix.isEmpty()) {
            return Optional.empty();
        }
        var whole = ContainerId.find(idOrPrefix).map(containers::get);
        if (whole.isPresent()) {
            return whole.map(ContainerEntry::view);
        }
        var found = containers.values().stream()
                .filter(each -> each.hex().startsWith(idOrPrefix))
                .limit(2)
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst().view()) : Optional.empty();
    }

    /** @throws Failure ABSENT */
    public Container get(String idOrPrefix) {
        return find(idOrPrefix).orElseThrow(() -> absent());
    }

    /** The newest first. */
    public List<Container> list(ContainerFilter filter) {
        return containers.values().stream()
                .map(ContainerEntry::view)
                .filter(filter::accepts)
                .sorted(Comparator.comparing(Container::createdAt).reversed())
                .toList();
    }

    /** More about a container, for people: its record and its OCI configuration. */
    public Json.Obj details(ContainerId id) {
        var entry = entry(id).orElseThrow(() -> absent());
        var json = Json.object()
                .put("record", entry.record().toJson())
                .put("status", entry.status().toJson())
                .put("sandboxID", entry.record().pod().hex())
                .put("runtimeHandler", entry.record().handler())
                .put("privileged", entry.record().config().security().privileged())
                .put("pid", initPid(entry));
        DurableFiles.find(paths.spec(id), MAX_SPEC_BYTES)
                .ifPresent(spec -> json.put("runtimeSpec", new Json.Written(spec)));
        return json.build();
    }

    /** The process number of the container's init; 0 once it has ended. */
    public long initPid(ContainerId id) {
        return initPid(entry(id).orElseThrow(() -> absent()));
    }

    private static long initPid(ContainerEntry entry) {
        return entry.status().hasEnded() ? 0 : entry.status().init().pid();
    }

    /** The diffIDs of all layers that containers stand on. */
    public Set<Digest> layersInUse() {
        var layers = new HashSet<Digest>();
        containers.values().forEach(entry -> entry.record().layersInUse().forEach(layers::add));
        return layers;
    }

    Held lock(ContainerId id) {
        return locks.lock(id);
    }

    Optional<ContainerEntry> entry(ContainerId id) {
        return Optional.ofNullable(containers.get(id));
    }

    /** @throws Failure ABSENT */
    ContainerEntry require(ContainerId id) {
        return entry(id).orElseThrow(() -> absent());
    }

    List<ContainerEntry> of(PodId pod) {
        return containers.values().stream()
                .filter(entry -> entry.record().pod().equals(pod))
                .toList();
    }

    Optional<ContainerEntry> byName(PodId pod, String name, int attempt) {
        return of(pod).stream()
                .filter(entry -> entry.record().config().name().equals(name)
                        && entry.record().config().attempt() == attempt)
                .findFirst();
    }

    /** Makes a new container seen; its record and status are on disk. */
    void add(ContainerEntry entry) {
        var end = new CountDownLatch(1);
        if (entry.status().hasEnded()) {
            end.countDown();
        }
        ends.put(entry.id(), end);
        releases.put(entry.id(), new CountDownLatch(1));
        containers.put(entry.id(), entry);
        tell(Change.CREATED, entry);
    }

    /**
     * Writes the new status, and then has everybody see it. That a container has ended is seen on a full disk too: the next
     * daemon finds it out again. The caller holds the container's lock.
     */
    ContainerEntry change(ContainerEntry entry, ContainerStatus status) {
        var changed = ContainerEntry.of(entry.record(), status);
        var text = status.toBytes();
        if (status.hasEnded()) {
            FinalStatus.write(paths.status(entry.id()), text);
        } else {
            DurableFiles.write(paths.status(entry.id()), text);
        }
        containers.put(entry.id(), changed);
        if (status.hasEnded()) {
            Optional.ofNullable(ends.get(entry.id())).ifPresent(CountDownLatch::countDown);
        }
        if (entry.status().state().kind() != status.state().kind()) {
            tell(status.hasEnded() ? Change.STOPPED : Change.STARTED, changed);
        }
        return changed;
    }

    private void tell(Change change, ContainerEntry entry) {
        listener.containerChanged(change, entry.hex(), entry.record().pod());
    }

    /** Waits until the container has ended, or is gone; false if the deadline came first. Needs no lock. */
    boolean awaitEnd(ContainerId id, Deadline deadline) {
        return await(ends, id, deadline);
    }

    /** The runtime has given back what a container that has ended had of the node, or could not. */
    void released(ContainerId id) {
        Optional.ofNullable(releases.get(id)).ifPresent(CountDownLatch::countDown);
    }

    /** Waits for {@link #released}, as {@link #awaitEnd} does for the end. */
    boolean awaitRelease(ContainerId id, Deadline deadline) {
        return await(releases, id, deadline);
    }

    private static boolean await(Map<ContainerId, CountDownLatch> latches, ContainerId id, Deadline deadline) {
        var latch = latches.get(id);
        try {
            return latch == null || latch.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for the end of container " + id, e);
        }
    }

    /** The caller holds the container's lock. */
    void forget(ContainerId id) {
        var gone = Optional.ofNullable(containers.remove(id));
        Optional.ofNullable(ends.remove(id)).ifPresent(CountDownLatch::countDown);
        Optional.ofNullable(releases.remove(id)).ifPresent(CountDownLatch::countDown);
        gone.ifPresent(entry -> tell(Change.DELETED, entry));
    }

    /** Whoever asked says which. */
    private static Failure absent() {
        return Failure.absent("no such container");
    }
}
