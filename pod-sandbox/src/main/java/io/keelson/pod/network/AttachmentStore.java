package io.keelson.pod.network;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.record.RecordFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attachments of this node's pods on disk, a file each: {@code <podId>.json}. They are for the next daemon, and not synchronised: what
 * has to outlive a power failure is in the pods' own records, and one that comes back after it was removed is removed again.
 */
final class AttachmentStore {
    private static final Logger log = LoggerFactory.getLogger(AttachmentStore.class);
    private static final String SUFFIX = ".json";
    private static final int LIMIT_BYTES = 8 * 1024 * 1024;

    private final Path directory;

    AttachmentStore(Path directory) {
        this.directory = directory;
    }

    /** Remembers an attachment, also one that is about to be made, or may have been, for a daemon that is killed meanwhile. */
    void put(Attachment attachment) {
        DurableFiles.mkdirs(directory);
        DurableFiles.place(file(attachment.podId()), attachment.toBytes());
    }

    boolean contains(String podId) {
        return Files.exists(file(podId));
    }

    /** Absent if there is none, or what a power failure left of it cannot be read; that is logged. */
    Optional<Attachment> find(String podId) {
        var file = file(podId);
        try {
            return Attachment.FORMAT.find(file, LIMIT_BYTES).map(Attachment::of);
        } catch (Failure | IllegalArgumentException | ArithmeticException e) {
            RecordFormat.passOnNewer(e, file);
            log.atError()
                    .addKeyValue("event", "network-record-unreadable")
                    .addKeyValue("pod", podId)
                    .addKeyValue("file", file)
                    .log("cannot read how the pod was attached: {}", e.getMessage());
            return Optional.empty();
        }
    }

    void remove(String podId) {
        DurableFiles.discard(file(podId));
    }

    /** The pods of all files there are, also of unreadable ones. */
    Set<String> podIds() {
        var ids = new TreeSet<String>();
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                var name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX)) {
                    ids.add(name.substring(0, name.length() - SUFFIX.length()));
                } else if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
                    deleteQuietly(file);
                }
            }
        } catch (NoSuchFileException e) {
            return ids;
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
        return ids;
    }

    private Path file(String podId) {
        return directory.resolve(NetworkRequest.checkPodId(podId) + SUFFIX);
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Its suffix marks it as nobody's.
        }
    }
}
