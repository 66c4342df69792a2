package io.keelson.pod.container;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.process.Abandoned;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.Quarantine;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import io.keelson.pod.container.FoundContainers.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the catalog of containers what it was before the daemon ended, and true: those that ended meanwhile have the exit code
 * and time that their monitors wrote, and what was half made is undone. Runs after that of pods.
 */
public final class ContainerRestorer {
    private static final Logger log = LoggerFactory.getLogger(ContainerRestorer.class);

    private static final Duration ABANDONED_PATIENCE = Duration.ofSeconds(5);

    private final PodCatalog pods;
    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;
    private final ContainerRemover remover;
    private final ContainerRoots roots;
    private final ContainerEnds ends;
    private final Quarantine quarantine;
    private final InstantSource clock;
    private final SideBySide sideBySide;
    private final Queue<ContainerEntry> running = new ConcurrentLinkedQueue<>();

    /** @param sideBySide how containers are restored that do not wait for each other */
    public ContainerRestorer(
            PodCatalog pods,
            ContainerCatalog catalog,
            ContainerPaths paths,
            ContainerRuntime runtime,
            ContainerRemover remover,
            ContainerRoots roots,
            ContainerEnds ends,
            Quarantine quarantine,
            InstantSource clock,
            SideBySide sideBySide) {
        this.pods = pods;
        this.catalog = catalog;
        this.paths = paths;
        this.runtime = runtime;
        this.remover = remover;
        this.roots = roots;
        this.ends = ends;
        this.quarantine = quarantine;
        this.clock = clock;
        this.sideBySide = sideBySide;
    }

    /**
     * Makes true what the records say. One container's trouble is not that of the others.
     *
     * @return has the monitors of those that run watched from then on: to be run once the daemon answers, since nobody has to wait for it
     */
    public Runnable restore(FoundContainers records) {
        var _ = sideBySide.join(records.all().stream()
                .map(found -> Executors.callable(
                        () -> quarantine.unlessRestored("container", found.directory(), () -> restore(found))))
                .toList());
        return () -> running.forEach(ends::follow);
    }

    private void restore(Found found) {
        switch (found) {
            case Found.Nothing(var directory) -> discard(directory);
            case Found.Damaged(var directory, var why) -> takeAway(directory, why);
            case Found.Known(var _, var record, var status) -> restore(record, status);
        }
    }

    private void discard(Path directory) {
        roots.unmount(directory);
        ContainerId.find(directory.getFileName().toString()).ifPresent(id -> DurableFiles.deleteTree(paths.bundle(id)));
        DurableFiles.deleteTree(directory);
    }

    private void takeAway(Path directory, String why) {
        var known = ContainerId.find(directory.getFileName().toString());
        known.ifPresent(runtime::deleteUnknown);
        if (known.filter(id -> Files.notExists(paths.status(id))).isPresent()) {
            // The power failed before it was complete: nobody ever heard of it.
            discard(directory);
        } else {
            roots.unmount(directory);
            known.map(paths::bundle).ifPresent(DurableFiles::deleteTree);
            quarantine.take(directory, why);
        }
    }

    private void restore(ContainerRecord record, Optional<ContainerStatus> status) {
        if (status.isEmpty()) {
            // A monitor, or a runtime, that was about to make it.
            var id = record.id().hex();
            Abandoned.kill(Set.of("--cid=" + id, id), Deadline.in(ABANDONED_PATIENCE));
        }
        if (status.isEmpty() || pods.find(record.pod().hex()).isEmpty()) {
            remover.takeBack(record, status);
            log.atInfo()
                    .addKeyValue("event", "container-undone")
                    .addKeyValue("container", record.id())
                    .log("removed container {}, which was unfinished or without a pod", record.id());
            return;
        }
        try (var _ = catalog.lock(record.id())) {
            var entry = ContainerEntry.of(record, status.get());
            catalog.add(entry);
            bringUpToDate(entry);
        }
    }

    private void bringUpToDate(ContainerEntry entry) {
        var status = entry.status();
        if (status.hasEnded()) {
            ends.release(entry);
            return;
        }
        if (!status.bootId().equals(BootId.current())) {
            var startedAt = status.state() instanceof Running(var at) ? Optional.of(at) : Optional.<Instant>empty();
            catalog.change(
                    entry,
                    status.with(new Exited(
                            startedAt,
                            clock.instant(),
                            ContainerEnds.UNKNOWN_CODE,
                            ContainerEnds.ERROR,
                            "the node was restarted")));
            return;
        }
        var exit = runtime.exit(entry.id());
        if (exit.isPresent()) {
            ends.record(entry, exit.get());
        } else if (status.monitor().isAlive()) {
            runtime.endAbandonedCommands(
                    entry.record().handler(), entry.record().cgroup());
            running.add(startedUnseen(entry));
        } else {
            ends.recordLost(
                    entry, "its monitor ended, while the daemon was down, without saying how the container did");
        }
    }

    /** The daemon may have ended between letting the process go and writing that down. */
    private ContainerEntry startedUnseen(ContainerEntry entry) {
        if (entry.status().state() instanceof Created
                && runtime.isStarted(entry.record().handler(), entry.id())) {
            return catalog.change(entry, entry.status().with(new Running(clock.instant())));
        }
        return entry;
    }
}
