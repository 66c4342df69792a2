package io.keelson.oci.monitor;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.record.HexId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** How containers ended: what their monitors wrote, also while the daemon was down. */
public final class ExitFiles {
    private static final int MAX_BYTES = 32;

    private final MonitorPaths paths;

    public ExitFiles(MonitorPaths paths) {
        this.paths = paths;
    }

    /** Whether a file of this name says how a container ended; while it is written it has another. */
    static boolean isExit(Path file) {
        return HexId.is(file.getFileName().toString());
    }

    /** Absent as long as it has not ended, or if its monitor was killed. */
    public Optional<Exit> read(String id) {
        var file = paths.exit(id);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            var finishedAt = Files.getLastModifiedTime(file).toInstant();
            var content = DurableFiles.find(file, MAX_BYTES);
            return content.flatMap(bytes -> parse(id, new String(bytes, StandardCharsets.US_ASCII), finishedAt));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw Failure.internal("cannot read how container " + id + " ended", e);
        }
    }

    private Optional<Exit> parse(String id, String text, Instant finishedAt) {
        try {
            return Optional.of(new Exit(id, Integer.parseInt(text.strip()), finishedAt, oomAt(id)));
        } catch (NumberFormatException e) {
            // The node lost power while it was written.
            return Optional.empty();
        }
    }

    /** The monitor makes the file when it is first told by the kernel, and leaves it alone after that. */
    private Optional<Instant> oomAt(String id) {
        try {
            return Optional.of(Files.getLastModifiedTime(paths.oom(id)).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Tells of every container that has ended, once: those that ended before as well. The consumer is called by one thread, and
     * may take its time. Close the watch to end it.
     */
    public ExitWatch watch(Consumer<Exit> consumer) {
        DurableFiles.mkdirs(paths.exits());
        return new ExitWatch(paths.exits(), name -> HexId.is(name) ? read(name) : Optional.empty(), consumer);
    }

    /** Removes what a monitor said of the container, which is gone. */
    public void forget(String id) {
        if (!HexId.is(id)) {
            throw new IllegalArgumentException("not a container's id: " + id);
        }
        try {
            Files.deleteIfExists(paths.exit(id));
        } catch (IOException e) {
            throw Failure.internal("cannot remove what the monitor of container " + id + " left", e);
        }
    }
}
