package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.SecondAttempts;
import io.keelson.host.process.Abandoned;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.network.PodNetwork;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back pods that were not made to the end: those that a daemon before this one left, and those whose start has failed and whose way
 * back as well. Until all is taken back their journals stay, so that the next daemon finds what this one could not finish.
 */
public final class UnfinishedStarts {
    private static final Logger log = LoggerFactory.getLogger(UnfinishedStarts.class);

    private static final Duration ABANDONED_PATIENCE = Duration.ofSeconds(5);

    private final PodPaths paths;
    private final NamespacePinner pinner;
    private final PodNetwork network;
    private final SharedMemory sharedMemory;
    private final PodCgroups cgroups;
    private final Passages passages;
    private final SecondAttempts attempts;

    public UnfinishedStarts(
            PodPaths paths,
            NamespacePinner pinner,
            PodNetwork network,
            SharedMemory sharedMemory,
            PodCgroups cgroups,
            Passages passages,
            SecondAttempts attempts) {
        this.paths = paths;
        this.pinner = pinner;
        this.network = network;
        this.sharedMemory = sharedMemory;
        this.cgroups = cgroups;
        this.passages = passages;
        this.attempts = attempts;
    }

    /** The last step back of a start: forgets the pod, unless something could not be undone. That is tried again by itself. */
    void forget(PodRecord record, List<String> notUndone) {
        if (notUndone.isEmpty()) {
            attempts.run(what(record), () -> paths.remove(record.id()));
        } else {
            attempts.later(what(record), () -> undoNow(record));
        }
    }

    /** Takes back all of a start that nobody was told of: whoever asked for it asks again. What fails is thrown, and tried again later. */
    void undo(PodRecord record) {
        attempts.run(what(record), () -> undoNow(record));
    }

    private static String what(PodRecord record) {
        return "undo the start of pod " + record.id();
    }

    private void undoNow(PodRecord record) {
        var id = record.id();
        if (record.spec().security().namespaces().network() != NamespaceMode.NODE) {
            // After a power failure the network may not know of an address that it has given.
            network.recall(id.hex(), Optional.empty());
        }
        takeBack(id, record.cgroupPath(), record.ownsCgroup());
        passages.close(id);
        paths.remove(id);
        log.atInfo()
                .addKeyValue("event", "pod-start-undone")
                .addKeyValue("pod", id)
                .log("undid the unfinished start of pod {}", id);
    }

    /** Its record cannot be read; where things of a pod with this id lie is known all the same. */
    void takeBackUnknown(PodId id) {
        takeBack(id, cgroups.path(id, ""), true);
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
