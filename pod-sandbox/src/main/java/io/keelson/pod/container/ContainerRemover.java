package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.Forks;
import io.keelson.pod.PodContainers;
import io.keelson.pod.PodId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes containers (CRI v1, RemoveContainer), and ends and removes all those of a pod. */
public final class ContainerRemover implements PodContainers {
    private static final Logger log = LoggerFactory.getLogger(ContainerRemover.class);

    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;
    private final ContainerRoots roots;
    private final ContainerStopper stopper;

    public ContainerRemover(
            ContainerCatalog catalog,
            ContainerPaths paths,
            ContainerRuntime runtime,
            ContainerRoots roots,
            ContainerStopper stopper) {
        this.catalog = catalog;
        this.paths = paths;
        this.runtime = runtime;
        this.roots = roots;
        this.stopper = stopper;
    }

    /**
     * Removes the container, killing it first if it runs; its log stays. One that is gone is a success. Of one that cannot be
     * removed whole the record stays, so that the next call can go on.
     */
    public void remove(ContainerId id) {
        stopper.end(id, Duration.ZERO);
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id);
            if (entry.isEmpty()) {
                return;
            }
            takeBack(entry.get().record(), Optional.of(entry.get().status()));
            catalog.forget(id);
            log.atInfo()
                    .addKeyValue("event", "container-removed")
                    .addKeyValue("container", id)
                    .log("removed container {}", id);
        }
    }

    /** Everything that a container has of the node, the record last. Each step may have been done before. */
    void takeBack(ContainerRecord record, Optional<ContainerStatus> status) {
        var id = record.id();
        runtime.delete(record.handler(), id, record.cgroup(), status.map(ContainerStatus::monitor));
        DurableFiles.deleteTree(paths.bundle(id));
        roots.unmount(paths.directory(id));
        DurableFiles.deleteTree(paths.directory(id));
    }

    @Override
    public void stopAll(PodId pod) {
        each(pod, entry -> stopper.end(entry.id(), Duration.ZERO));
    }

    @Override
    public void removeAll(PodId pod) {
        each(pod, entry -> remove(entry.id()));
    }

    /** At the same time; one that fails does not stop the others, and the first failure is thrown when all are through. */
    private void each(PodId pod, Consumer<ContainerEntry> action) {
        var failed = Forks.join(catalog.of(pod).stream()
                        .map(entry -> (Callable<Optional<RuntimeException>>) () -> attempt(() -> action.accept(entry)))
                        .toList())
                .stream()
                .flatMap(Optional::stream)
                .toList();
        if (!failed.isEmpty()) {
            var first = failed.getFirst();
            failed.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    private static Optional<RuntimeException> attempt(Runnable action) {
        try {
            action.run();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
    }
}
