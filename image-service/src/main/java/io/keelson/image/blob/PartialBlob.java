package io.keelson.image.blob;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A blob of which parts are here: several threads bring the others, and one reads from the beginning what has come, while it comes. A
 * part counts as here after a crash once its bytes were synchronised and then the record that names it, which is done with the first
 * part, {@link #SAVE_INTERVAL_NANOS} after the last time, and at the end. Nothing here knows whether the bytes are right.
 */
public final class PartialBlob implements AutoCloseable {
    static final long SAVE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Set<StandardOpenOption> WRITE = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE);

    private final Path data;
    private final Path recordFile;
    private final PartRecord record;
    private final LongConsumer grew;
    private final Runnable closed;
    private final BitSet claimed = new BitSet();
    private final int[] written;
    private final long bytesFound;
    private final ReentrantLock saving = new ReentrantLock();
    private @Nullable Failure failure;
    private boolean isDiscarded;
    private boolean isSaved;
    private long savedNanos;

    /**
     * @param grew hears of bytes that take room on disk from now on
     * @param closed told when it is over
     */
    PartialBlob(Path data, Path recordFile, PartRecord record, LongConsumer grew, Runnable closed) {
        this.data = data;
        this.recordFile = recordFile;
        this.record = record;
        this.grew = grew;
        this.closed = closed;
        this.written = new int[record.parts()];
        this.bytesFound = record.bytesDone();
    }

    /** What was here before. */
    public long bytesFound() {
        return bytesFound;
    }

    /** What is not here yet, and will take room on disk. */
    synchronized long bytesMissing() {
        return record.sizeBytes() - record.bytesDone();
    }

    /** The first part from this position on that is neither here nor being brought; the caller brings it or gives it back. */
    public synchronized OptionalInt claim(long from) {
        for (var part = (int) (from / record.partBytes()); part < record.parts() && failure == null; part++) {
            if (!record.done().get(part) && !claimed.get(part)) {
                claimed.set(part);
                return OptionalInt.of(part);
            }
        }
        return OptionalInt.empty();
    }

    public long from(int part) {
        return record.from(part);
    }

    public long to(int part) {
        return record.to(part);
    }

    /** For the bytes of a claimed part, in order. */
    public Writer writer(int part) {
        try {
            return new Writer(
                    part,
                    FileChannel.open(
                            data,
                            WRITE,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (IOException e) {
            throw DurableFiles.failed("write", data, e);
        }
    }

    /** Writes one part. Used by one thread. */
    public final class Writer implements AutoCloseable {
        private final int part;
        private final FileChannel channel;
        private long at;

        private Writer(int part, FileChannel channel) {
            this.part = part;
            this.channel = channel;
            this.at = from(part);
        }

        public void write(byte[] bytes, int count) {
            var buffer = ByteBuffer.wrap(bytes, 0, count);
            try {
                while (buffer.hasRemaining()) {
                    at += channel.write(buffer, at);
                }
            } catch (IOException e) {
                throw DurableFiles.failed("write", data, e);
            }
            arrived(part, (int) (at - from(part)));
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw DurableFiles.failed("write", data, e);
            }
        }
    }

    private synchronized void arrived(int part, int bytes) {
        grew.accept(Math.max(0, bytes - written[part]));
        written[part] = bytes;
        notifyAll();
    }

    /** All of the part was written. */
    public void finish(int part) {
        synchronized (this) {
            record.done().set(part);
            notifyAll();
        }
        if (saving.tryLock()) {
            try {
                if (!isSaved || System.nanoTime() - savedNanos >= SAVE_INTERVAL_NANOS) {
                    save();
                }
            } finally {
                saving.unlock();
            }
        }
    }

    /** No more parts will come; whoever waits for one is told why. */
    public synchronized void fail(Failure why) {
        if (failure == null) {
            failure = why;
        }
        notifyAll();
    }

    /** A channel for {@link #read}; the caller closes it. */
    public FileChannel reader() {
        try {
            return FileChannel.open(
                    data,
                    Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw DurableFiles.failed("read", data, e);
        }
    }

    /**
     * Bytes from this position on, at least one: waits for them.
     *
     * @throws Failure CANCELLED for an interrupt, or why no more parts come
     */
    public int read(FileChannel channel, long position, byte[] bytes, int offset, int length) {
        var count = (int) Math.min(length, awaitBytes(position));
        try {
            var read = channel.read(ByteBuffer.wrap(bytes, offset, count), position);
            if (read < 1) {
                throw new Failure(Failure.Kind.INTERNAL, "cannot read " + data + ": it has become shorter");
            }
            return read;
        } catch (IOException e) {
            throw DurableFiles.failed("read", data, e);
        }
    }

    private synchronized long awaitBytes(long position) {
        var part = (int) (position / record.partBytes());
        try {
            while (true) {
                var end = record.done().get(part) ? record.to(part) : record.from(part) + written[part];
                if (end > position) {
                    return end - position;
                }
                if (failure != null) {
                    throw failure;
                }
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for parts of " + record.digest(), e);
        }
    }

    /** It is of no more use: {@link #close} removes it. */
    public synchronized void discard() {
        isDiscarded = true;
    }

    /** Nobody writes any more. */
    @Override
    public void close() {
        try {
            if (isDiscarded || record.done().isEmpty()) {
                // Without its record, the data is nobody's.
                DurableFiles.remove(recordFile);
                DurableFiles.remove(data);
            } else {
                save();
            }
        } finally {
            closed.run();
        }
    }

    private void save() {
        byte[] known;
        synchronized (this) {
            known = record.toBytes();
        }
        DurableFiles.settle(data);
        DurableFiles.write(recordFile, known);
        isSaved = true;
        savedNanos = System.nanoTime();
    }
}
