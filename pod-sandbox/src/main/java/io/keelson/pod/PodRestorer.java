package io.keelson.pod;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.pod.FoundPods.Found;
import io.keelson.pod.namespace.NamespaceMode;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private final Queue<PodEntry> ready = new ConcurrentLinkedQueue<>();

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
     * Makes true what the records say. One pod's trouble is not that of the others, and they do not wait for what its plugins take.
     *
     * @return has their inits watched from then on: to be run once the daemon answers, since nobody has to wait for it
     */
    public Runnable restore(FoundPods records) {
        var all = records.all();
        var usual = all.stream().filter(Found.Whole.class::isInstance).toList();
        var _ = sideBySide.each(usual, this::restoreOrSetAside);
        var _ = sideBySide.join(all.stream()
                .filter(found -> !(found instanceof Found.Whole))
                .map(found -> (Callable<Boolean>) () -> restoreOrSetAside(found))
                .toList());
        restorePassages();
        return () -> ready.forEach(inits::follow);
    }

    private boolean restoreOrSetAside(Found found) {
        quarantine.unlessRestored("pod", found.path(), () -> restore(found));
        return true;
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

    /** The pods that publish no port: of these no network has anything to restore. */
    public Set<String> podsWithoutPorts() {
        return catalog.list(PodFilter.all()).stream()
                .filter(pod -> pod.spec().ports().isEmpty())
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
                    ready.add(entry);
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
