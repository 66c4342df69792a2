package io.keelson.image.layer;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts the writing of pages while more are made, so that the fsync at the end finds little left. {@code sync_file_range}
 * waits when the device's queue is full, which is why it is called on a thread of its own: inflating must go on meanwhile.
 * Nothing depends on it; a failure shows in the fsync.
 */
final class EarlyWriteback implements AutoCloseable {
    private static final long STEP_BYTES = 8L << 20;

    private final Path path;
    private Optional<Fd> file = Optional.empty();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("layer-writeback").daemon().factory());
    private long asked;

    EarlyWriteback(Path path) {
        this.path = path;
    }

    /** Everything up to here is written to the file. */
    void upTo(long position) {
        if (position - asked < STEP_BYTES) {
            return;
        }
        var from = asked;
        asked = position;
        var opened = file.orElseGet(() -> Descriptors.open(path, Descriptors.O_WRONLY, 0));
        file = Optional.of(opened);
        thread.execute(() -> Inodes.syncFileRange(opened, from, position - from, Inodes.SYNC_FILE_RANGE_WRITE));
    }

    /** Drops what has not begun. */
    @Override
    public void close() {
        thread.shutdownNow();
        thread.close();
        file.ifPresent(Fd::close);
    }
}
