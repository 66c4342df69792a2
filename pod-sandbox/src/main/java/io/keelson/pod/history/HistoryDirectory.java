package io.keelson.pod.history;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A file for each pod of which something was removed. The pods whose files changed last are kept, as many as may be and as much; nothing
 * waits for the disk, so that a crash may take the last of them.
 */
public final class HistoryDirectory {
    static final int MOST_PODS = 1000;
    static final long MOST_BYTES = 16L << 20;
    /** Of one pod. */
    static final int MOST_POD_BYTES = 256 << 10;

    private static final String SUFFIX = ".json";

    private final Path directory;
    private final int mostPods;
    private final long mostBytes;

    public HistoryDirectory(Path root) {
        this(root, MOST_PODS, MOST_BYTES);
    }

    HistoryDirectory(Path root, int mostPods, long mostBytes) {
        directory = root.resolve("history");
        this.mostPods = mostPods;
        this.mostBytes = mostBytes;
    }

    /** What is kept of the pod; absent if that is nothing, or cannot be read. */
    public Optional<Json.Obj> find(String podId) {
        try {
            return DurableFiles.find(file(podId), MOST_POD_BYTES).map(Json::parseObject);
        } catch (Failure e) {
            return Optional.empty();
        }
    }

    /** The ids of the pods of which something is kept. */
    public List<String> podIds() {
        return KnownDirectories.names(directory).stream()
                .filter(name -> name.endsWith(SUFFIX))
                .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                .toList();
    }

    private Path file(String podId) {
        return directory.resolve(podId + SUFFIX);
    }

    /** By one thread only. */
    final class Writer {
        /** By when they were written, the oldest first. */
        private final Map<String, Long> bytesByPod = new LinkedHashMap<>();

        private long bytes;

        Writer() {
            DurableFiles.placeDirectory(directory);
            DurableFiles.closeToOthers(directory);
            discardHalfWritten();
            var files = new ArrayList<>(podIds());
            files.sort(Comparator.comparingLong(id -> lastModified(file(id))));
            files.forEach(id -> count(id, size(file(id))));
        }

        private void discardHalfWritten() {
            KnownDirectories.names(directory).stream()
                    .filter(name -> name.endsWith(DurableFiles.TEMPORARY_SUFFIX))
                    .forEach(name -> DurableFiles.discard(directory.resolve(name)));
        }

        /** @param change of what is kept of the pod, which may be nothing */
        void change(String podId, UnaryOperator<Json.Obj> change) {
            var story = change.apply(find(podId).orElseGet(() -> Json.object().build()))
                    .toBytes();
            if (story.length <= MOST_POD_BYTES) {
                DurableFiles.place(file(podId), story);
                count(podId, story.length);
                forgetOldest();
            }
        }

        private void count(String podId, long size) {
            var before = bytesByPod.remove(podId);
            bytes += size - (before == null ? 0 : before);
            bytesByPod.put(podId, size);
        }

        private void forgetOldest() {
            while (bytesByPod.size() > mostPods || bytes > mostBytes) {
                forget(bytesByPod.keySet().iterator().next());
            }
        }

        /** Nothing happens if nothing is kept of it. */
        void forget(String podId) {
            var size = bytesByPod.remove(podId);
            if (size != null) {
                DurableFiles.discard(file(podId));
                bytes -= size;
            }
        }

        private static long lastModified(Path file) {
            try {
                return Files.getLastModifiedTime(file).toMillis();
            } catch (IOException e) {
                return 0;
            }
        }

        private static long size(Path file) {
            try {
                return Files.size(file);
            } catch (IOException e) {
                return 0;
            }
        }
    }
}
