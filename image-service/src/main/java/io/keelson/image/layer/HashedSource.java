package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Joins;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.compression.Decompressor;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed stream in pieces: unpacked on one thread and hashed on another while it is read here, so that a single large layer
 * keeps three processors busy. A piece's buffer is used again when both who read it are done. The threads are the kernel's, so that
 * they neither hold the carrier of a virtual thread nor wait for one; {@link #close} ends them.
 */
final class HashedSource implements ByteSource, AutoCloseable {
    /** Small enough to be in a processor's cache until it is read, large enough for the 32 KiB that inflating copies each time. */
    private static final int PIECE_BYTES = 256 << 10;

    /** One for each thread, and as many that wait for them. */
    private static final int PIECES = 6;

    private static final int HASH_BYTES = 64 << 10;

    private static final class Piece {
        final ByteBuffer bytes;
        final AtomicInteger users = new AtomicInteger();

        Piece(ByteBuffer bytes) {
            this.bytes = bytes;
        }
    }

    private final NativeMemory memory;
    private final Decompressor decompressor;
    private final long limitBytes;
    private final StageTimes times;
    private final MessageDigest digest;
    private final String algorithm;
    /** The hashing thread's, made here: a thread that finds no memory would leave the others waiting. */
    private final byte[] heap = new byte[HASH_BYTES];

    private final BlockingQueue<Piece> free = new ArrayBlockingQueue<>(PIECES + 1);
    private final BlockingQueue<Piece> toHash = new ArrayBlockingQueue<>(PIECES + 1);
    private final BlockingQueue<Piece> toRead = new ArrayBlockingQueue<>(PIECES + 1);
    private final Piece end = new Piece(ByteBuffer.allocate(0));
    private final Thread hasher;
    private final Thread inflater;
    private @Nullable Piece current;
    private boolean ended;
    private volatile boolean isClosed;
    // The inflating thread's, and the reader's after the end.
    private int pieces;
    private long length;
    private @Nullable Throwable failure;

    /**
     * @param decompressor used by another thread until this is closed
     * @param memory closed after this
     */
    HashedSource(Decompressor decompressor, String algorithm, long limitBytes, StageTimes times, NativeMemory memory) {
        this.memory = memory;
        this.decompressor = decompressor;
        this.algorithm = algorithm;
        this.digest = LayerChecksum.messageDigest("sha512".equals(algorithm) ? "SHA-512" : "SHA-256");
        this.limitBytes = limitBytes;
        this.times = times;
        this.hasher = Thread.ofPlatform().name("layer-hash").daemon().unstarted(this::hash);
        this.inflater = Thread.ofPlatform().name("layer-inflate").daemon().unstarted(this::inflate);
        start();
    }

    private void start() {
        hasher.start();
        try {
            inflater.start();
        } catch (OutOfMemoryError e) {
            hasher.interrupt();
            throw e;
        }
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        if (current != null) {
            release(current);
            current = null;
        }
        var piece = ended ? end : taken();
        if (piece.equals(end)) {
            ended = true;
            rethrow();
            return null;
        }
        current = piece;
        return piece.bytes.duplicate();
    }

    private Piece taken() {
        try {
            return toRead.take();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** What ended the unpacking before the end of the stream. */
    private void rethrow() throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    private void inflate() {
        try {
            for (var piece = filled(); piece != null; piece = filled()) {
                toHash.put(piece);
                toRead.put(piece);
            }
            toHash.put(end);
        } catch (InterruptedException e) {
            return; // close() ends the thread; nobody reads any more.
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        toRead.add(end);
    }

    /** The next piece; null at the end, or when nobody reads any more. */
    private @Nullable Piece filled() throws IOException, InterruptedException {
        var piece = free();
        if (isClosed) {
            return null;
        }
        var waited = times.of(StageTimes.Stage.READ);
        var start = System.nanoTime();
        var more = decompressor.fill(piece.bytes.clear());
        var elapsed = System.nanoTime() - start;
        times.add(
                StageTimes.Stage.INFLATE,
                elapsed - times.of(StageTimes.Stage.READ).minus(waited).toNanos());
        if (!more) {
            return null;
        }
        length += piece.bytes.flip().remaining();
        if (length > limitBytes) {
            throw Failure.exhausted("layer is longer than " + limitBytes + " bytes unpacked");
        }
        piece.users.set(2);
        return piece;
    }

    private Piece free() throws InterruptedException {
        var piece = free.poll();
        if (piece != null) {
            return piece;
        }
        if (pieces < PIECES) {
            pieces++;
            return new Piece(memory.allocate(PIECE_BYTES));
        }
        return free.take();
    }

    private void release(Piece piece) {
        if (piece.users.decrementAndGet() == 0) {
            free.add(piece);
        }
    }

    private void hash() {
        try {
            for (var piece = toHash.take(); !piece.equals(end); piece = toHash.take()) {
                var start = System.nanoTime();
                var bytes = piece.bytes.duplicate();
                while (bytes.hasRemaining()) {
                    var count = Math.min(heap.length, bytes.remaining());
                    bytes.get(heap, 0, count);
                    digest.update(heap, 0, count);
                }
                times.add(StageTimes.Stage.HASH, System.nanoTime() - start);
                release(piece);
            }
        } catch (InterruptedException e) {
            // close() ends the thread; nobody asks for the digest any more.
        }
    }

    /** Of everything, after {@link #next} has returned null. */
    long length() {
        return length;
    }

    /** The digest of everything, after {@link #next} has returned null. */
    Digest digest() {
        try {
            hasher.join();
            return new Digest(algorithm, HexFormat.of().formatHex(digest.digest()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure(Failure.Kind.CANCELLED, "interrupted", e);
    }

    /**
     * Returns when the threads have ended; they hold no more than the unpacking and the hashing of one piece. What is unpacked can be
     * read on then: only an interrupt of the closer interrupts the reading of it.
     */
    @Override
    public void close() {
        isClosed = true;
        free.add(end);
        hasher.interrupt();
        var interrupted = Joins.untilEnd(inflater, inflater::interrupt);
        interrupted |= Joins.untilEnd(hasher);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
