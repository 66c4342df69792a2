package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.FileTrees;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes a new file past the page cache ({@code O_DIRECT}, open(2)), one write on a thread of its own while the next is made. What is
 * written takes no copy in the kernel, displaces nothing that others have in memory, and leaves fsync(2) little to do. What cannot be
 * written so, because the file system has no such way, is written through the page cache, and its writeback begins at once.
 *
 * <p>Used by one thread.
 */
final class BlockWriter implements AutoCloseable {
    private static final long WRITEBACK_BYTES = 8L << 20;

    private final Path path;
    private final StageTimes times;
    /** Through the page cache. */
    private final FileChannel channel;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("layer-write").daemon().factory());
    private @Nullable Future<?> pending;
    // The writing thread's, and the caller's when nothing is pending.
    private Optional<Fd> direct;
    private long behind;
    private long end;

    BlockWriter(Path path, StageTimes times) throws IOException {
        this.path = path;
        this.times = times;
        this.channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        this.direct = FileTrees.of(path).openDirect(path);
    }

    /**
     * Begins to write at the end, when the write before has ended. The bytes must stay as they are until the next call of this or of {@link
     * #await}. They are whole blocks, in memory that begins at a multiple of one.
     *
     * @throws IOException what the write before failed of; {@link ClosedByInterruptException} when interrupted, with the flag set
     */
    void begin(ByteBuffer bytes) throws IOException {
        await();
        pending = thread.submit(() -> {
            append(bytes);
            return null;
        });
    }

    /** Waits for what was begun. */
    void await() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
        var write = pending;
        pending = null;
        if (write == null) {
            return;
        }
        try {
            write.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Failure cause) {
                throw cause;
            }
            throw Failure.internal("cannot write " + path, e);
        } catch (InterruptedException e) {
            pending = write;
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
    }

    /** Writes at the end here, when the write before has ended: what is small needs no other thread. */
    void write(ByteBuffer bytes) throws IOException {
        await();
        append(bytes);
    }

    private void append(ByteBuffer bytes) throws IOException {
        var start = System.nanoTime();
        var rest = bytes.duplicate();
        if (direct.isPresent()) {
            writeDirect(direct.get(), rest);
        }
        while (rest.hasRemaining()) {
            channel.write(rest, end + rest.position() - bytes.position());
        }
        end += bytes.remaining();
        if (direct.isEmpty() && end - behind >= WRITEBACK_BYTES) {
            behind = end;
            // So that the fsync at the end finds little left. A failure shows there.
            DurableFiles.startWriteback(path);
        }
        times.add(StageTimes.Stage.WRITE, System.nanoTime() - start);
    }

    /** Of the bytes, what can be; if it is not all of them, no more is tried from then on. */
    private void writeDirect(Fd file, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                Descriptors.write(file, bytes);
            }
        } catch (LinuxException e) {
            // If it is the disk, the other way tells, or the fsync at the end.
            file.close();
            direct = Optional.empty();
        }
    }

    /** The file for reading and changing what was written, in any place and length; nothing is pending then. */
    FileChannel settled() throws IOException {
        await();
        return channel;
    }

    /** fsync(2), also of what went past the page cache: the disk has a cache too. */
    void synchronise() throws IOException {
        var start = System.nanoTime();
        settled().force(true);
        times.add(StageTimes.Stage.FSYNC, System.nanoTime() - start);
    }

    /** Whether the file is still written past the page cache. */
    boolean isDirect() {
        return direct.isPresent();
    }

    /** Waits for what was begun, whatever becomes of it. */
    @Override
    public void close() {
        thread.close();
        try (channel) {
            direct.ifPresent(Fd::close);
        } catch (IOException e) {
            throw DurableFiles.failed("close", path, e);
        }
    }
}
