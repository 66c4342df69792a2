package io.keelson.pod;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.RepeatableRequests;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.files.FileOwner;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.namespace.NamespaceRequest;
import io.keelson.pod.network.NetworkRequest;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PodNetwork;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes pods (CRI v1, RunPodSandbox). */
public final class PodStarter implements AutoCloseable {
    private final PodCatalog catalog;
    private final PodPaths paths;
    private final NamespacePinner pinner;
    private final PodNetwork network;
    private final SharedMemory sharedMemory;
    private final PodCgroups cgroups;
    private final UnfinishedStarts unfinished;
    private final Set<String> handlers;
    private final UserNamespaceSupport userNamespaces;
    private final Supplier<String> hostHostname;
    private final PodInits inits;
    private final InstantSource clock;
    private final RepeatableRequests<PodMetadata, PodSpec, PodId> requests = new RepeatableRequests<>();
    private volatile WorkListener work = WorkListener.NONE;

    /**
     * @param handlers the names by which pods may ask for a runtime, besides the empty one
     * @param userNamespaces for pods that ask for one
     */
    public PodStarter(
            PodCatalog catalog,
            PodPaths paths,
            NamespacePinner pinner,
            PodNetwork network,
            SharedMemory sharedMemory,
            PodCgroups cgroups,
            UnfinishedStarts unfinished,
            Set<String> handlers,
            UserNamespaceSupport userNamespaces,
            Supplier<String> hostHostname,
            PodInits inits,
            InstantSource clock) {
        this.catalog = catalog;
        this.paths = paths;
        this.pinner = pinner;
        this.network = network;
        this.sharedMemory = sharedMemory;
        this.cgroups = cgroups;
        this.unfinished = unfinished;
        this.handlers = Set.copyOf(handlers);
        this.userNamespaces = userNamespaces;
        this.hostHostname = hostHostname;
        this.inits = inits;
        this.clock = clock;
    }

    /** Who hears of each start and its steps from now on. */
    public void tell(WorkListener listener) {
        work = listener;
    }

    /**
     * Makes a pod, ready and durable. Whoever asks for the same pod again, also while it is being made, gets the first one's. It is
     * made also when nobody waits for it any more: kubelet finds it in its next list, or asks for it again.
     *
     * @throws Failure INVALID for a request that can never succeed, ALREADY_EXISTS if there is such a pod with another
     *     configuration, or it was stopped, UNAVAILABLE if the node's network does not work
     */
    public PodId start(PodSpec spec) {
        PodSpecCheck.check(spec);
        if (!spec.runtimeHandler().isEmpty() && !handlers.contains(spec.runtimeHandler())) {
            throw Failure.invalid("there is no runtime handler \"" + spec.runtimeHandler() + "\"");
        }
        if (spec.security().namespaces().ownUser().isPresent()) {
            userNamespaces.require(spec.runtimeHandler());
        }
        var steps = new StartTimeline.Clock(work);
        try {
            return requests.run(
                    spec.metadata(),
                    spec,
                    () -> existing(spec)
                            .orElseGet(
                                    () -> work.step(spec.metadata().toString(), "start pod", () -> make(spec, steps))));
        } catch (Failure e) {
            throw e.during("cannot start pod " + spec.metadata());
        }
    }

    private Optional<PodId> existing(PodSpec spec) {
        return catalog.byName(spec.metadata()).map(entry -> {
            if (entry.status().state() != PodState.READY) {
                throw alreadyExists(entry.id(), "was stopped and is not removed");
            }
            if (!entry.record().spec().equals(spec)) {
                throw alreadyExists(entry.id(), "has a different configuration");
            }
            return entry.id();
        });
    }

    private static Failure alreadyExists(PodId id, String what) {
        return new Failure(Failure.Kind.ALREADY_EXISTS, "pod " + id + " of this name " + what);
    }

    /** Ends the making of pods at the end of the daemon. */
    @Override
    public void close() {
        requests.close();
    }

    private PodId make(PodSpec spec, StartTimeline.Clock steps) {
        var id = PodId.create();
        steps.ended("wait");
        var record = record(id, spec);
        try (var undo = new Rollback()) {
            undo.add("forget pod " + id, () -> unfinished.forget(record, undo.failed()));
            steps.step(id.hex(), "record", () -> writeRecord(record));

            undo.add("remove the cgroup of pod " + id, () -> removeCgroup(record));
            limit(record);
            undo.add("remove state of pod " + id, () -> DurableFiles.deleteTree(paths.stateDirectory(id)));
            DurableFiles.mkdirs(paths.sharedMemory(id));
            undo.add(
                    "close the passage of pod " + id,
                    () -> userNamespaces.passages().close(id));
            spec.security()
                    .namespaces()
                    .ownUser()
                    .ifPresent(user -> userNamespaces.passages().open(id, user.rootUid()));
            var hostname = hostname(spec);
            var init = steps.step(id.hex(), "namespaces", () -> {
                var pinned = pinner.pin(namespaces(id, spec, hostname));
                undo.add("unpin namespaces of pod " + id, () -> pinner.unpin(paths.stateDirectory(id), pinned));
                pinned.ifPresent(process -> cgroups.enter(id, record.cgroupPath(), process.pid()));
                return pinned;
            });

            undo.add("detach network of pod " + id, () -> detach(record));
            var addresses = work.step(id.hex(), "network", () -> attach(record, steps));

            undo.add("unmount shared memory of pod " + id, () -> sharedMemory.unmount(paths.sharedMemory(id)));
            steps.step(id.hex(), "files", () -> makeFiles(id, spec, hostname, addresses));

            var entry = PodEntry.of(record, ready(id, addresses, init, steps));
            // The third fsync, and the last: the caller may count on the pod when it is answered. What the network
            // knows
            // is in the same line, so that its place there is given back. The rest of what was made ends with the
            // power.
            paths.journal(id).add(entry.status());
            catalog.add(entry);
            undo.commit();
            inits.follow(entry);
            return id;
        } catch (Failure e) {
            catalog.startFailed(PodEntry.of(record, failed(steps)).view(), e);
            throw e;
        }
    }

    private static PodStatus failed(StartTimeline.Clock steps) {
        return new PodStatus(
                PodState.NOT_READY, BootId.current(), Optional.empty(), Optional.empty(), true, steps.timeline());
    }

    private PodRecord record(PodId id, PodSpec spec) {
        return new PodRecord(
                id,
                spec,
                clock.instant(),
                cgroups.path(id, spec.cgroupParent()),
                spec.cgroupParent().isEmpty());
    }

    /**
     * Two fsyncs, of the file and of its name. Networks keep what they give to a pod on disks of their own, or on other machines: no ADD
     * before it is certain that somebody will know whom to take it from. All that comes between this and the answer is in memory,
     * or a file whose loss does no harm, and needs none.
     */
    private void writeRecord(PodRecord record) {
        paths.journal(record.id()).begin(record);
        DurableFiles.placeDirectory(paths.directory(record.id()));
    }

    /** The limits of a group that the caller made are the caller's. */
    private void limit(PodRecord record) {
        var spec = record.spec();
        var limits = PodGroupLimits.of(new PodLimits(spec.overhead(), spec.resources()));
        if (record.ownsCgroup() && !limits.equals(LinuxResources.NONE)) {
            cgroups.limit(record.id(), record.cgroupPath(), limits);
        }
    }

    private void removeCgroup(PodRecord record) {
        if (record.ownsCgroup()) {
            cgroups.remove(record.cgroupPath());
        } else {
            cgroups.leave(record.id(), record.cgroupPath());
        }
    }

    private String hostname(PodSpec spec) {
        return spec.hostname().isEmpty() || isInHostNetwork(spec) ? hostHostname.get() : spec.hostname();
    }

    private static boolean isInHostNetwork(PodSpec spec) {
        return spec.security().namespaces().network() == NamespaceMode.NODE;
    }

    private NamespaceRequest namespaces(PodId id, PodSpec spec, String hostname) {
        var options = spec.security().namespaces();
        return new NamespaceRequest(
                paths.stateDirectory(id),
                !isInHostNetwork(spec),
                options.ipc() != NamespaceMode.NODE,
                options.pid() == NamespaceMode.POD,
                hostname,
                spec.sysctls(),
                options.ownUser());
    }

    private Optional<PodAddresses> attach(PodRecord record, StartTimeline.Clock steps) {
        var spec = record.spec();
        if (isInHostNetwork(spec)) {
            return Optional.empty();
        }
        var request = new NetworkRequest(
                record.id().hex(),
                spec.metadata().name(),
                spec.metadata().namespace(),
                spec.metadata().uid(),
                paths.namespaces(record.id()).network(),
                spec.ports(),
                spec.annotations(),
                record.cgroupPath(),
                spec.dns(),
                spec.hostname().isEmpty() ? List.of() : List.of(spec.hostname()));
        return Optional.of(network.attach(request, (step, took) -> {
            if (StartTimeline.isPart(step)) {
                steps.part(step, took);
            } else {
                steps.ended(step);
            }
        }));
    }

    private void detach(PodRecord record) {
        if (!isInHostNetwork(record.spec())) {
            network.detach(
                    record.id().hex(), Optional.of(paths.namespaces(record.id()).network()));
        }
    }

    private void makeFiles(PodId id, PodSpec spec, String hostname, Optional<PodAddresses> addresses) {
        var namespaces = spec.security().namespaces();
        var owner = namespaces
                .ownUser()
                .map(user -> new FileOwner(user.rootUid(), user.rootGid()))
                .orElse(FileOwner.ROOT);
        if (namespaces.ipc() != NamespaceMode.NODE) {
            sharedMemory.mount(paths.sharedMemory(id), owner);
        }
        var all = addresses.stream()
                .flatMap(some -> Stream.concat(Stream.of(some.primary()), some.additional().stream()))
                .toList();
        paths.files(id).write(hostname, spec.dns(), all, owner);
    }

    private PodStatus ready(
            PodId id, Optional<PodAddresses> addresses, Optional<ProcessIdentity> init, StartTimeline.Clock steps) {
        return new PodStatus(
                PodState.READY,
                BootId.current(),
                addresses,
                init,
                false,
                steps.timeline(),
                Optional.empty(),
                addresses.flatMap(_ -> network.record(id.hex())));
    }
}
