package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.pod.files.PodFiles;
import io.keelson.pod.namespace.PinnedNamespaces;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where everything of pods lies.
 *
 * @param root on disk: records
 * @param state in memory: what a reboot ends
 */
public record PodPaths(Path root, Path state) {
    private static final String JOURNAL = ".json";

    Path records() {
        return root.resolve("pods");
    }

    Path states() {
        return state.resolve("pods");
    }

    /** Files that its containers see, and notes: nothing that a power failure could do harm to. */
    Path directory(PodId id) {
        return records().resolve(id.hex());
    }

    /** What was asked for, and what became of it: beside the directory, so that one directory alone has to be synchronised for it. */
    PodJournal journal(PodId id) {
        return new PodJournal(records().resolve(id.hex() + JOURNAL));
    }

    /** Whose journal it is, if its name is that of one. */
    static Optional<PodId> ownerOf(Path journal) {
        var name = journal.getFileName().toString();
        return name.endsWith(JOURNAL)
                ? PodId.find(name.substring(0, name.length() - JOURNAL.length()))
                : Optional.empty();
    }

    /** Takes away the pod's directory, and then its journal: what has none is nobody's. */
    void remove(PodId id) {
        DurableFiles.discardTree(directory(id));
        DurableFiles.remove(journal(id).file());
    }

    /** Says that the limits of the pod's group are being changed, and may be others than the status says. */
    Path update(PodId id) {
        return directory(id).resolve("update.json");
    }

    public PodFiles files(PodId id) {
        return new PodFiles(directory(id));
    }

    Path stateDirectory(PodId id) {
        return states().resolve(id.hex());
    }

    public PinnedNamespaces namespaces(PodId id) {
        return new PinnedNamespaces(stateDirectory(id));
    }

    public Path sharedMemory(PodId id) {
        return stateDirectory(id).resolve("shm");
    }
}
