package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.oci.cgroup.HostResources;
import io.keelson.oci.spec.LinuxResources;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes what containers may use of the machine (CRI v1, UpdateContainerResources). */
public final class ContainerUpdater {
    private static final Logger log = LoggerFactory.getLogger(ContainerUpdater.class);

    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;
    private final HostResources node;

    public ContainerUpdater(
            ContainerCatalog catalog, ContainerPaths paths, ContainerRuntime runtime, HostResources node) {
        this.catalog = catalog;
        this.paths = paths;
        this.runtime = runtime;
        this.node = node;
    }

    /**
     * Changes the limits of a container that was created or runs, also of one that is paused: all that is said, or nothing. What is
     * zero or empty stays as it is, and so does {@code oom_score_adj}. The change is in force, seen and on disk when this returns.
     *
     * @throws Failure ABSENT, WRONG_STATE if it has ended or the kernel refuses, and what {@link HostResources#require} throws
     */
    public void update(ContainerId id, LinuxResources wanted) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.require(id);
            if (entry.status().hasEnded()) {
                throw Failure.wrongState("cannot change the limits of container " + id + ": it is "
                        + entry.status().state().kind() + ", not CREATED or RUNNING");
            }
            var change = possible(entry, wanted);
            if (!change.isNothing()) {
                make(entry, change);
            }
        }
    }

    /** The same look at the node as before a container is made, at what the runtime will be told. */
    private ResourceChange possible(ContainerEntry entry, LinuxResources wanted) {
        var inForce = entry.status().resources();
        try {
            node.require(ResourceChange.of(inForce, wanted).told());
        } catch (Failure e) {
            throw e.during("cannot change the limits of container " + entry.id());
        }
        return ResourceChange.of(inForce, node.limitable(wanted));
    }

    private void make(ContainerEntry entry, ResourceChange change) {
        var id = entry.id();
        var cgroup = entry.record().cgroup();
        var before = runtime.limits(cgroup, change.told());
        try (var undo = new Rollback()) {
            undo.add("remove the note of a change of container " + id, () -> forget(id, undo));
            undo.add("take back the limits of container " + id, before::restore);
            DurableFiles.write(paths.update(id), new UpdateNote(change.result(), before).toBytes());
            runtime.update(entry.record().handler(), id, cgroup, change.told());
            catalog.change(entry, entry.status().with(change.result()));
            undo.commit();
        }
        DurableFiles.remove(paths.update(id));
        log.atInfo()
                .addKeyValue("event", "container-updated")
                .addKeyValue("container", id)
                .log("changed the limits of container {}", id);
    }

    /** Where something could not be taken back, the next daemon tries again. */
    private void forget(ContainerId id, Rollback undo) {
        if (undo.failed().isEmpty()) {
            DurableFiles.remove(paths.update(id));
        }
    }

    /** Takes back the changes that the daemon before this one was making when it was killed, and did not write down. */
    public void settle() {
        for (var container : catalog.list(ContainerFilter.all())) {
            try (var _ = catalog.lock(container.id())) {
                catalog.entry(container.id()).ifPresent(this::settle);
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "change-not-settled")
                        .addKeyValue("container", container.id())
                        .log(
                                "container {} may have other limits than its status says: {}",
                                container.id(),
                                e.getMessage());
            }
        }
    }

    private void settle(ContainerEntry entry) {
        var file = paths.update(entry.id());
        var found = UpdateNote.FORMAT.find(file, UpdateNote.MAX_BYTES).map(UpdateNote::fromJson);
        if (found.isPresent()) {
            var note = found.get();
            if (!entry.status().resources().equals(note.result())) {
                note.before().restore();
            }
            DurableFiles.remove(file);
        }
    }
}
