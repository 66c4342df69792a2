package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Joins;
import io.keelson.host.stream.PieceInput;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.PartialBlob;
import io.keelson.image.registry.BlobRanges;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A blob, or the rest of it, read from disk while several threads bring its parts there. It ends only when the digest is right. Read
 * by one thread, which closes it; how far it is may be asked by any.
 */
final class PartsStream extends PieceInput {
    private static final int STACK_BYTES = 256 << 10;

    private final Descriptor blob;
    private final PartialBlob partial;
    private final BlobRanges ranges;
    private final long begunAt;
    private final FileChannel channel;
    private final MessageDigest hash;
    private final List<Thread> workers = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger fetched = new AtomicInteger();
    private long position;
    private long waitedNanos;
    private boolean wrong;
    private boolean finished;

    /**
     * Begins to fetch.
     *
     * @param position where to read from
     * @param hash of what is before
     */
    PartsStream(
            Descriptor blob,
            PartialBlob partial,
            BlobRanges ranges,
            long position,
            MessageDigest hash,
            RangeSettings settings) {
        this.blob = blob;
        this.partial = partial;
        this.ranges = ranges;
        this.begunAt = position;
        this.position = position;
        this.hash = hash;
        this.channel = partial.reader();
        for (var i = 0; i < settings.atOnce(); i++) {
            var worker = new Thread(null, this::work, "blob-part", STACK_BYTES);
            worker.setDaemon(true);
            workers.add(worker);
        }
        workers.forEach(Thread::start);
    }

    /** On a thread of its own, until there is no part left to bring. */
    private void work() {
        try {
            for (var part = partial.claim(begunAt); part.isPresent(); part = partial.claim(begunAt)) {
                bring(part.getAsInt());
            }
        } catch (Failure e) {
            partial.fail(e);
        } catch (RuntimeException | Error e) {
            partial.fail(Failure.internal("cannot fetch a part of blob " + blob.digest(), e));
        }
    }

    private void bring(int part) {
        running.incrementAndGet();
        try (var writer = partial.writer(part)) {
            ranges.fetch(partial.from(part), partial.to(part), writer::write);
        } finally {
            running.decrementAndGet();
        }
        partial.finish(part);
        fetched.incrementAndGet();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (position == blob.sizeBytes()) {
            checkDigest();
            return -1;
        }
        var began = System.nanoTime();
        var count = partial.read(channel, position, bytes, offset, length);
        waitedNanos += System.nanoTime() - began;
        hash.update(bytes, offset, count);
        position += count;
        return count;
    }

    private void checkDigest() {
        if (finished) {
            return;
        }
        var actual = blob.digest().sameKind(hash);
        if (!actual.equals(blob.digest())) {
            wrong = true;
            throw Failure.invalid(String.join(", ", ranges.endpoints()) + ": blob " + blob.digest()
                    + ", fetched in parts, is not what it says: its digest is " + actual);
        }
        finished = true;
    }

    /** Whether it was read to its end, and its digest is right. */
    boolean isFinished() {
        return finished;
    }

    boolean isWrong() {
        return wrong;
    }

    long position() {
        return position;
    }

    /** Of all before the position. The reader does not read on. */
    MessageDigest hash() {
        return hash;
    }

    long waitedNanos() {
        return waitedNanos;
    }

    /** Parts that are on their way just now. */
    int running() {
        return running.get();
    }

    /** Parts that have come. */
    int fetched() {
        return fetched.get();
    }

    BlobRanges ranges() {
        return ranges;
    }

    PartialBlob partial() {
        return partial;
    }

    /** When this returns nobody works on it, and what has come is on disk for the next time, or removed if it was discarded. */
    @Override
    public void close() {
        partial.fail(new Failure(Failure.Kind.CANCELLED, "it is fetched no longer"));
        workers.forEach(Thread::interrupt);
        var interrupted = false;
        for (var worker : workers) {
            interrupted |= Joins.untilEnd(worker);
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw Failure.internal("cannot close the file of blob " + blob.digest(), e);
        } finally {
            partial.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
