package io.keelson.pod;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.process.Abandoned;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.record.RecordFormat;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the catalog of pods what it was before the daemon ended: ready pods are ready if what they stand on is still there, those
 * of another boot are not, and what was half made is undone.
 */
public final class PodRestorer {
    private static final int MAX_RECORD_BYTES = 16 * 1024 * 1024;
    private static final Logger log = LoggerFactory.getLogger(PodRestorer.class);

    private static final Duration ABANDONED_PATIENCE = Duration.ofSeconds(5);

    private final PodCatalog catalog;
    private final PodPaths paths;
    private final NamespacePinner pinner;
    private final PodNetwork network;
    private final SharedMemory sharedMemory;
    private final PodCgroups cgroups;
    private final PodInits inits;
    private final Passages passages;
    private final Quarantine quarantine;

    public PodRestorer(
            PodCatalog catalog,
            PodPaths paths,
            NamespacePinner pinner,
            PodNetwork network,
            SharedMemory sharedMemory,
            PodCgroups cgroups,
            PodInits inits,
            Passages passages,
            Quarantine quarantine) {
        this.catalog = catalog;
        this.paths = paths;
        this.pinner = pinner;
        this.network = network;
        this.sharedMemory = sharedMemory;
        this.cgroups = cgroups;
        this.inits = inits;
        this.passages = passages;
        this.quarantine = quarantine;
    }

    /**
     * Reads all records, and then makes true what they say. One pod's trouble is not that of the others.
     *
     * @throws Failure WRONG_STATE if a newer program wrote one of them; nothing was touched then
     */
    public void restore() {
        for (var found : directories().stream().map(this::find).toList()) {
            try {
                restore(found);
            } catch (Failure e) {
                log.atError()
                        .addKeyValue("event", "pod-not-restored")
                        .addKeyValue("pod", found.directory().getFileName())
                        .setCause(e)
                        .log("cannot restore pod {}", found.directory().getFileName());
            }
        }
        restorePassages();
    }

    private void restorePassages() {
        var rootUids = new HashMap<PodId, Long>();
        for (var pod : catalog.list(PodFilter.all())) {
            catalog.entry(pod.id())
                    .filter(entry -> !entry.status().isReleased())
                    .flatMap(entry ->
                            entry.record().spec().security().namespaces().ownUser())
                    .ifPresent(user -> rootUids.put(pod.id(), user.rootUid()));
        }
        passages.restore(rootUids);
    }

    /** Pods that are not ready and still hold something; a stop takes that back. */
    public List<PodId> unreleased() {
        return catalog.list(PodFilter.all()).stream()
                .map(Pod::id)
                .filter(id -> catalog.entry(id)
                        .filter(entry -> entry.status().state() != PodState.READY)
                        .filter(entry -> !entry.status().isReleased())
                        .isPresent())
                .toList();
    }

    /** The pods whose host ports the kernel must have. */
    public Set<String> readyPods() {
        return catalog.list(PodFilter.all()).stream()
                .filter(pod -> pod.state() == PodState.READY)
                .map(pod -> pod.id().hex())
                .collect(Collectors.toSet());
    }

    /** The pods whose addresses are not garbage: a pod that cannot be detached now is tried again with its next stop. */
    public Set<String> attachedPods() {
        return catalog.list(PodFilter.all()).stream().map(pod -> pod.id().hex()).collect(Collectors.toSet());
    }

    private List<Path> directories() {
        DurableFiles.mkdirs(paths.records());
        try (var children = Files.list(paths.records())) {
            return children.toList();
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
    }

    /** What lies in a pod's directory. */
    private sealed interface Found {
        Path directory();

        /** Its making had not got beyond the directory. */
        record Nothing(Path directory) implements Found {}

        record Damaged(Path directory, String why) implements Found {}

        record Unfinished(Path directory, PodRecord record) implements Found {}

        record Whole(Path directory, PodRecord record, PodStatus status) implements Found {}
    }

    private Found find(Path directory) {
        try {
            var id = new PodId(directory.getFileName().toString());
            var json = PodRecord.FORMAT.find(paths.record(id), MAX_RECORD_BYTES);
            if (json.isEmpty()) {
                return new Found.Nothing(directory);
            }
            var record = PodRecord.fromJson(json.get());
            if (!record.id().equals(id)) {
                throw Failure.invalid("it is the record of pod " + record.id());
            }
            return PodStatus.FORMAT
                    .find(paths.status(id), MAX_RECORD_BYTES)
                    .map(PodStatus::fromJson)
                    .<Found>map(status -> new Found.Whole(directory, record, status))
                    .orElseGet(() -> new Found.Unfinished(directory, record));
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            RecordFormat.passOnNewer(e, directory);
            return new Found.Damaged(directory, String.valueOf(e.getMessage()));
        }
    }

    private void restore(Found found) {
        switch (found) {
            case Found.Nothing(var directory) -> DurableFiles.deleteTree(directory);
            case Found.Damaged(var directory, var why) -> {
                takeBackUnknown(directory);
                quarantine.take(directory, why);
            }
            case Found.Unfinished(var _, var record) -> undo(record);
            case Found.Whole(var _, var record, var status) -> {
                var entry = PodEntry.of(record, current(record, status));
                catalog.add(entry);
                if (entry.status().state() == PodState.READY) {
                    inits.follow(entry);
                }
            }
        }
    }

    private PodStatus current(PodRecord record, PodStatus status) {
        if (status.state() != PodState.READY || isWhole(record, status)) {
            return status;
        }
        var notReady = status.notReady();
        FinalStatus.write(paths.status(record.id()), notReady.toBytes());
        log.atWarn()
                .addKeyValue("event", "pod-not-ready")
                .addKeyValue("pod", record.id())
                .log("pod {} is not ready: its namespaces, or their init, are gone", record.id());
        return notReady;
    }

    private boolean isWhole(PodRecord record, PodStatus status) {
        var usesHostNetwork = record.spec().security().namespaces().network() == NamespaceMode.NODE;
        return status.bootId().equals(BootId.current())
                && (usesHostNetwork
                        || Files.exists(paths.namespaces(record.id()).network()))
                && status.init().map(ProcessIdentity::isAlive).orElse(true);
    }

    /** A start that was not finished: whoever asked for it asks again. */
    private void undo(PodRecord record) {
        var id = record.id();
        takeBack(id, record.cgroupPath(), record.ownsCgroup());
        DurableFiles.deleteTree(paths.directory(id));
        log.atInfo()
                .addKeyValue("event", "pod-start-undone")
                .addKeyValue("pod", id)
                .log("undid the unfinished start of pod {}", id);
    }

    /** Its record cannot be read; where things of a pod with this id lie is known all the same. */
    private void takeBackUnknown(Path directory) {
        PodId.find(directory.getFileName().toString()).ifPresent(id -> takeBack(id, cgroups.path(id, ""), true));
    }

    /** Everything that the pod may have of the node, but its record. */
    private void takeBack(PodId id, String cgroup, boolean ownsCgroup) {
        // A plugin that still runs could give an address after it was taken back, and nobody else knows the init.
        Abandoned.kill(
                Set.of("CNI_CONTAINERID=" + id.hex(), NamespacePinner.mark(paths.stateDirectory(id))),
                Deadline.in(ABANDONED_PATIENCE));
        network.detach(id.hex(), Optional.of(paths.namespaces(id).network()));
        pinner.unpin(paths.stateDirectory(id), Optional.empty());
        sharedMemory.unmount(paths.sharedMemory(id));
        if (ownsCgroup) {
            cgroups.remove(cgroup);
        } else {
            cgroups.leave(id, cgroup);
        }
        DurableFiles.deleteTree(paths.stateDirectory(id));
    }
}
