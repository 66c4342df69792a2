package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.SingleFlight;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes pods (CRI v1, RemovePodSandbox). */
public final class PodRemover {
    private static final Logger log = LoggerFactory.getLogger(PodRemover.class);

    private final PodCatalog catalog;
    private final PodPaths paths;
    private final PodStopper stopper;
    private final PodContainers containers;
    private final PodCgroups cgroups;
    private final SingleFlight<PodId, Boolean> flights = SingleFlight.goingOn();

    public PodRemover(
            PodCatalog catalog, PodPaths paths, PodStopper stopper, PodContainers containers, PodCgroups cgroups) {
        this.catalog = catalog;
        this.paths = paths;
        this.stopper = stopper;
        this.containers = containers;
        this.cgroups = cgroups;
    }

    /**
     * Stops the pod, and removes it and its containers, running ones too. A pod that cannot be stopped stays, so that what it holds
     * is not forgotten. A pod that is gone is a success. What was begun is finished though its caller has left.
     */
    public void remove(PodId id) {
        var _ = flights.run(id, () -> {
            removeHere(id);
            return true;
        });
    }

    private void removeHere(PodId id) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id);
            if (entry.isEmpty()) {
                return;
            }
            stopper.stopHere(id);
            containers.removeAll(id);
            if (entry.get().record().ownsCgroup()) {
                cgroups.remove(entry.get().record().cgroupPath());
            }
            DurableFiles.deleteTree(paths.stateDirectory(id));
            paths.remove(id);
            catalog.forget(id);
            log.atInfo()
                    .addKeyValue("event", "pod-removed")
                    .addKeyValue("pod", id)
                    .log("removed pod {}", id);
        }
    }
}
