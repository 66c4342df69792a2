package io.keelson.pod;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.record.RecordFormat;
import io.keelson.pod.namespace.NamespaceMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the catalog of pods what it was before the daemon ended: ready pods are ready if what they stand on is still there, those
 * of another boot are not, and what was half made is undone.
 */
public final class PodRestorer {
    private static final Logger log = LoggerFactory.getLogger(PodRestorer.class);

    private final PodCatalog catalog;
    private final PodPaths paths;
    private final UnfinishedStarts unfinished;
    private final PodInits inits;
    private final Passages passages;
    private final Quarantine quarantine;
    private final SideBySide sideBySide;

    /** @param sideBySide how pods are restored that do not wait for each other */
    public PodRestorer(
            PodCatalog catalog,
            PodPaths paths,
            UnfinishedStarts unfinished,
            PodInits inits,
            Passages passages,
            Quarantine quarantine,
            SideBySide sideBySide) {
        this.catalog = catalog;
        this.paths = paths;
        this.unfinished = unfinished;
        this.inits = inits;
        this.passages = passages;
        this.quarantine = quarantine;
        this.sideBySide = sideBySide;
    }

    /**
     * Reads all records, and then makes true what they say. One pod's trouble is not that of the others, and they do not wait for
     * what its plugins take.
     *
     * @throws Failure WRONG_STATE if a newer program wrote one of them; nothing was touched then
     */
    public void restore() {
        var all = sideBySide.join(children().stream()
                .map(path -> (Callable<Found>) () -> find(path))
                .toList());
        var _ = sideBySide.join(all.stream()
                .map(found ->
                        Executors.callable(() -> quarantine.unlessRestored("pod", found.path(), () -> restore(found))))
                .toList());
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

    /**
     * The pods whose addresses are not garbage: a pod that cannot be detached now is tried again with its next stop. Of one that was
     * released a power failure may have brought back what its network noted.
     */
    public Set<String> attachedPods() {
        return catalog.list(PodFilter.all()).stream()
                .map(Pod::id)
                .filter(id -> catalog.entry(id)
                        .filter(entry -> !entry.status().isReleased())
                        .isPresent())
                .map(PodId::hex)
                .collect(Collectors.toSet());
    }

    private List<Path> children() {
        DurableFiles.mkdirs(paths.records());
        var older = new OlderPodRecords(paths);
        list().stream()
                .filter(Files::isDirectory)
                .forEach(directory ->
                        PodId.find(directory.getFileName().toString()).ifPresent(older::bring));
        return list();
    }

    private List<Path> list() {
        try (var children = Files.list(paths.records())) {
            return children.toList();
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
    }

    /** What lies where the records of pods do. */
    private sealed interface Found {
        Path path();

        /** Nobody's: a file that was being written, or the directory of a pod whose journal is gone. */
        record Nothing(Path path) implements Found {}

        /** The directory of a pod that has a journal. */
        record Directory(Path path) implements Found {}

        record Damaged(Path path, String why) implements Found {}

        record Unfinished(Path path, PodRecord record) implements Found {}

        record Whole(Path path, PodRecord record, PodStatus status) implements Found {}
    }

    private Found find(Path path) {
        var name = path.getFileName().toString();
        if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
            return new Found.Nothing(path);
        }
        var directoryOf = PodId.find(name);
        if (directoryOf.isPresent()) {
            return Files.notExists(paths.journal(directoryOf.get()).file())
                    ? new Found.Nothing(path)
                    : new Found.Directory(path);
        }
        return PodPaths.ownerOf(path)
                .map(id -> read(path, id))
                .orElseGet(() -> new Found.Damaged(path, "no pod has such a name"));
    }

    private Found read(Path path, PodId id) {
        try {
            var contents = paths.journal(id).find().orElseThrow(() -> Failure.invalid("it is not there any more"));
            var record = contents.record();
            if (!record.id().equals(id)) {
                throw Failure.invalid("it is the record of pod " + record.id());
            }
            return contents.status()
                    .<Found>map(status -> new Found.Whole(path, record, status))
                    .orElseGet(() -> new Found.Unfinished(path, record));
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            RecordFormat.passOnNewer(e, path);
            return new Found.Damaged(path, String.valueOf(e.getMessage()));
        }
    }

    private void restore(Found found) {
        switch (found) {
            case Found.Nothing(var path) -> DurableFiles.deleteTree(path);
            case Found.Directory _ -> {}
            case Found.Damaged(var path, var why) -> {
                PodPaths.ownerOf(path).ifPresent(id -> {
                    unfinished.takeBackUnknown(id);
                    DurableFiles.discardTree(paths.directory(id));
                });
                quarantine.take(path, why);
            }
            case Found.Unfinished(var _, var record) -> unfinished.undo(record);
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
        var journal = paths.journal(record.id());
        FinalStatus.write(journal.file(), () -> journal.note(notReady));
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
}
