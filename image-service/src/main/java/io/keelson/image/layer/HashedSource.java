package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
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
 * The uncompressed stream in pieces, each hashed on a thread of its own while it is read here. A piece's buffer is used again
 * when both are done with it. The thread is the kernel's, so that hashing neither holds the carrier of a virtual thread nor
 * waits for one; {@link #close} ends it.
 */
final class HashedSource implements ByteSource, AutoCloseable {
    /** Small enough to be in a processor's cache until it is read, large enough for the 32 KiB that inflating copies each time. */
    private static final int PIECE_BYTES = 256 << 10;

    private static final int PIECES = 4;
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
    private final BlockingQueue<Piece> free = new ArrayBlockingQueue<>(PIECES);
    private final BlockingQueue<Piece> filled = new ArrayBlockingQueue<>(PIECES + 1);
    private final Piece end = new Piece(ByteBuffer.allocate(0));
    private final Thread hasher;
    private @Nullable Piece current;
    private int pieces;
    private long length;

    /** @param memory closed after this */
    HashedSource(Decompressor decompressor, String algorithm, long limitBytes, StageTimes times, NativeMemory memory) {
        this.memory = memory;
        this.decompressor = decompressor;
        this.algorithm = algorithm;
        this.digest = LayerChecksum.messageDigest("sha512".equals(algorithm) ? "SHA-512" : "SHA-256");
        this.limitBytes = limitBytes;
        this.times = times;
        this.hasher = Thread.ofPlatform().name("layer-hash").daemon().start(this::hash);
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        try {
            if (current != null) {
                release(current);
                current = null;
            }
            var piece = free();
            var start = System.nanoTime();
            var more = decompressor.fill(piece.bytes.clear());
            times.add(StageTimes.Stage.INFLATE, System.nanoTime() - start);
            if (!more) {
                free.add(piece);
                return null;
            }
            piece.bytes.flip();
            length += piece.bytes.remaining();
            if (length > limitBytes) {
                throw Failure.exhausted("layer is longer than " + limitBytes + " bytes unpacked");
            }
            current = piece;
            piece.users.set(2);
            filled.put(piece);
            return piece.bytes.duplicate();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
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
        var start = System.nanoTime();
        var awaited = free.take();
        times.add(StageTimes.Stage.HASH_WAIT, System.nanoTime() - start);
        return awaited;
    }

    private void release(Piece piece) {
        if (piece.users.decrementAndGet() == 0) {
            free.add(piece);
        }
    }

    private void hash() {
        var heap = new byte[HASH_BYTES];
        try {
            for (var piece = filled.take(); piece != end; piece = filled.take()) {
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

    long length() {
        return length;
    }

    /** The digest of everything, after {@link #next} has returned null. */
    Digest digest() {
        try {
            filled.put(end);
            var start = System.nanoTime();
            hasher.join();
            times.add(StageTimes.Stage.HASH_WAIT, System.nanoTime() - start);
            return new Digest(algorithm, HexFormat.of().formatHex(digest.digest()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure(Failure.Kind.CANCELLED, "interrupted", e);
    }

    /** Returns when the thread has ended; it holds no more than one piece's hashing. */
    @Override
    public void close() {
        hasher.interrupt();
        var interrupted = false;
        while (hasher.isAlive()) {
            try {
                hasher.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
