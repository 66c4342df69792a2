package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SingleFlight;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.network.PodNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends pods (CRI v1, StopPodSandbox). */
public final class PodStopper {
    private static final Logger log = LoggerFactory.getLogger(PodStopper.class);

    private final PodCatalog catalog;
    private final PodPaths paths;
    private final PodContainers containers;
    private final NamespacePinner pinner;
    private final PodNetwork network;
    private final SharedMemory sharedMemory;
    private final PodCgroups cgroups;
    private final SingleFlight<PodId, Boolean> flights = SingleFlight.goingOn();
    private final Passages passages;

    public PodStopper(
            PodCatalog catalog,
            PodPaths paths,
            PodContainers containers,
            NamespacePinner pinner,
            PodNetwork network,
            SharedMemory sharedMemory,
            PodCgroups cgroups,
            Passages passages) {
        this.catalog = catalog;
        this.paths = paths;
        this.containers = containers;
        this.pinner = pinner;
        this.network = network;
        this.sharedMemory = sharedMemory;
        this.cgroups = cgroups;
        this.passages = passages;
    }

    /**
     * Kills the pod's containers and takes back its network and namespaces. From the first moment on it is not ready, and nothing
     * more is made in it. A step that fails does not stop the others, and the next call tries it again. A pod that is stopped or
     * gone is a success. What was begun is finished though its caller has left.
     */
    public void stop(PodId id) {
        var _ = flights.run(id, () -> {
            stopHere(id);
            return true;
        });
    }

    /** On the thread of the caller, whom nobody may interrupt. */
    void stopHere(PodId id) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id);
            if (entry.isPresent() && !entry.get().status().isReleased()) {
                release(entry.get());
            }
        }
    }

    private void release(PodEntry ready) {
        var id = ready.id();
        var entry = catalog.change(ready, ready.status().notReady());
        var failed = new ArrayList<RuntimeException>();
        attempt(failed, () -> containers.stopAll(id));
        if (entry.record().spec().security().namespaces().network() != NamespaceMode.NODE) {
            attempt(failed, () -> detach(entry));
        }
        attempt(
                failed,
                () -> pinner.unpin(paths.stateDirectory(id), entry.status().init()));
        entry.status()
                .init()
                .ifPresent(_ ->
                        attempt(failed, () -> cgroups.leave(id, entry.record().cgroupPath())));
        attempt(failed, () -> sharedMemory.unmount(paths.sharedMemory(id)));
        attempt(failed, () -> passages.close(id));
        if (!failed.isEmpty()) {
            throw together(id, failed);
        }
        catalog.change(entry, entry.status().released());
        log.atInfo().addKeyValue("event", "pod-stopped").addKeyValue("pod", id).log("stopped pod {}", id);
    }

    /** How it was attached may be known to the pod alone: the network's own files do not outlive a power failure. */
    private void detach(PodEntry entry) {
        var id = entry.id();
        network.recall(id.hex(), entry.status().network());
        network.detach(id.hex(), existing(paths.namespaces(id).network()));
    }

    private static Optional<Path> existing(Path path) {
        return Files.exists(path) ? Optional.of(path) : Optional.empty();
    }

    private static void attempt(List<RuntimeException> failed, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failed.add(e);
        }
    }

    private static RuntimeException together(PodId id, List<RuntimeException> failed) {
        var first = failed.getFirst();
        var thrown = first instanceof Failure failure
                ? failure.during("cannot stop pod " + id)
                : Failure.internal("cannot stop pod " + id + ": " + first.getMessage(), first);
        failed.stream().skip(1).forEach(thrown::addSuppressed);
        return thrown;
    }
}
