package io.keelson.pod;

import io.keelson.pod.files.PodFiles;
import io.keelson.pod.namespace.PinnedNamespaces;
import java.nio.file.Path;

/**
 * Where everything of pods lies.
 *
 * @param root on disk: records
 * @param state in memory: what a reboot ends
 */
public record PodPaths(Path root, Path state) {
    Path records() {
        return root.resolve("pods");
    }

    Path states() {
        return state.resolve("pods");
    }

    Path directory(PodId id) {
        return records().resolve(id.hex());
    }

    /** What was asked for; written once. */
    Path record(PodId id) {
        return directory(id).resolve("record.json");
    }

    /** What became of it; a pod without this never was ready. */
    Path status(PodId id) {
        return directory(id).resolve("status.json");
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
