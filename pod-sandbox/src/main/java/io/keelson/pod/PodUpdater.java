package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.oci.spec.LinuxResources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes what pods may use of the machine (CRI v1, UpdatePodSandboxResources). */
public final class PodUpdater {
    private static final Logger log = LoggerFactory.getLogger(PodUpdater.class);

    private final PodCatalog catalog;
    private final PodPaths paths;
    private final PodCgroups cgroups;

    public PodUpdater(PodCatalog catalog, PodPaths paths, PodCgroups cgroups) {
        this.catalog = catalog;
        this.paths = paths;
        this.cgroups = cgroups;
    }

    /**
     * Writes down the pod's resources, of which its verbose status tells, and limits its group if that is its own. Where the caller
     * made the group (kubelet does for every pod), the caller has changed it before it calls, and another hand would take that back.
     *
     * @param overhead absent to leave it as it is, as is {@code resources}
     * @throws Failure ABSENT, WRONG_STATE if the pod is not ready, and what the limits of a group can fail with; nothing is changed
     */
    public void update(PodId id, Optional<LinuxResources> overhead, Optional<LinuxResources> resources) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id).orElseThrow(() -> Failure.absent("there is no pod " + id));
            if (entry.status().state() != PodState.READY) {
                throw Failure.wrongState("cannot change the resources of pod " + id + ": it is not ready");
            }
            var before = entry.limits();
            var after = new PodLimits(overhead.orElse(before.overhead()), resources.orElse(before.resources()));
            try {
                change(entry, after);
            } catch (Failure e) {
                throw e.during("cannot change the resources of pod " + id);
            }
            log.atInfo()
                    .addKeyValue("event", "pod-updated")
                    .addKeyValue("pod", id)
                    .log("changed the resources of pod {}", id);
        }
    }

    private void change(PodEntry entry, PodLimits after) {
        var had = PodGroupLimits.of(entry.limits());
        var wanted = PodGroupLimits.of(after);
        if (!entry.record().ownsCgroup() || had.equals(wanted)) {
            catalog.change(entry, entry.status().with(after));
            return;
        }
        var id = entry.id();
        try (var undo = new Rollback()) {
            undo.add("remove the note of a change of pod " + id, () -> forget(id, undo));
            undo.add("take back the limits of pod " + id, () -> limit(entry, had));
            DurableFiles.write(paths.update(id), "{}".getBytes(StandardCharsets.US_ASCII));
            limit(entry, wanted);
            catalog.change(entry, entry.status().with(after));
            undo.commit();
        }
        DurableFiles.remove(paths.update(id));
    }

    private void limit(PodEntry entry, LinuxResources limits) {
        cgroups.limit(entry.id(), entry.record().cgroupPath(), PodGroupLimits.whole(limits));
    }

    /** Where the limits could not be taken back, the next daemon tries again. */
    private void forget(PodId id, Rollback undo) {
        if (undo.failed().isEmpty()) {
            DurableFiles.remove(paths.update(id));
        }
    }

    /** Gives the pods the limits that their status says, if the daemon before this one was killed while it changed them. */
    public void settle() {
        for (var pod : catalog.list(PodFilter.all())) {
            try (var _ = catalog.lock(pod.id())) {
                catalog.entry(pod.id())
                        .filter(entry -> Files.exists(paths.update(entry.id())))
                        .ifPresent(this::settle);
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "change-not-settled")
                        .addKeyValue("pod", pod.id())
                        .log("pod {} may have other limits than its status says: {}", pod.id(), e.getMessage());
            }
        }
    }

    private void settle(PodEntry entry) {
        if (entry.status().state() == PodState.READY) {
            limit(entry, PodGroupLimits.of(entry.limits()));
        }
        DurableFiles.remove(paths.update(entry.id()));
    }
}
