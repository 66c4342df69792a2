package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.reference.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A new file that grows at its end by large writes of whole blocks, and whose earlier bytes can be patched. The checksum is taken on the
 * way. Not durable before {@link #synchronise}.
 */
final class BlockFile implements AutoCloseable {
    static final int BLOCK_BYTES = 4096;
    /** One write: a disk takes twice as much of these in a second as of those of 64 KiB. There are two for each file. */
    private static final int CHUNK_BYTES = 512 << 10;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private final long limitBytes;
    private final NativeMemory memory;
    private final BlockWriter writer;
    private ByteBuffer chunk;
    /** For what comes meanwhile; small files need none. */
    private @Nullable ByteBuffer other;

    private final LayerChecksum checksum = new LayerChecksum();
    private final BitSet patched = new BitSet();
    /** Including what is being written. */
    private long written;

    /** @param memory closed after this */
    BlockFile(Path path, long limitBytes, StageTimes times, NativeMemory memory) throws IOException {
        this.memory = memory;
        this.chunk = newChunk();
        this.limitBytes = limitBytes;
        this.writer = new BlockWriter(path, times);
    }

    private ByteBuffer newChunk() {
        return memory.allocate(CHUNK_BYTES, BLOCK_BYTES);
    }

    long position() {
        return written + chunk.position();
    }

    /** The block that the next byte goes to; the position is aligned. */
    int block() {
        return (int) (position() / BLOCK_BYTES);
    }

    void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            var length = Math.min(bytes.remaining(), chunk.remaining());
            chunk.put(chunk.position(), bytes, bytes.position(), length).position(chunk.position() + length);
            bytes.position(bytes.position() + length);
            flushIfFull();
        }
    }

    void append(byte[] bytes, int offset, int length) throws IOException {
        append(ByteBuffer.wrap(bytes, offset, length));
    }

    void appendZeros(long length) throws IOException {
        for (var left = length; left > 0; ) {
            var count = (int) Math.min(left, chunk.remaining());
            for (var rest = count; rest > 0; rest -= ZEROS.length) {
                chunk.put(ZEROS, 0, Math.min(rest, ZEROS.length));
            }
            left -= count;
            flushIfFull();
        }
    }

    /** Zeros up to the next block. */
    void align() throws IOException {
        appendZeros(-position() & (BLOCK_BYTES - 1));
    }

    private void flushIfFull() throws IOException {
        if (!chunk.hasRemaining()) {
            flush();
        }
    }

    /** The next bytes go to the other chunk, while this one is being written. */
    private void flush() throws IOException {
        var full = ready();
        writer.begin(full);
        chunk = other == null ? newChunk() : other.clear();
        other = full;
    }

    /** What is in the chunk, counted as written. */
    private ByteBuffer ready() {
        var bytes = chunk.flip();
        if (written + bytes.remaining() > limitBytes) {
            throw Failure.exhausted("its file would be larger than " + limitBytes + " bytes");
        }
        checksum.add(bytes.duplicate());
        written += bytes.remaining();
        return bytes;
    }

    /** Replaces bytes that were appended before; they lie within one block. */
    void patch(long position, byte[] bytes) throws IOException {
        if (position >= written) {
            chunk.put((int) (position - written), bytes);
            return;
        }
        var buffer = ByteBuffer.wrap(bytes);
        var file = writer.settled();
        while (buffer.hasRemaining()) {
            file.write(buffer, position + buffer.position());
        }
        patched.set((int) (position / LayerChecksum.CHUNK_BYTES));
    }

    /** Writes what is left; the digest is {@link LayerChecksum}'s. */
    Digest finish() throws IOException {
        align();
        writer.write(ready());
        chunk.clear();
        checksum.end();
        for (var index = patched.nextSetBit(0); index >= 0; index = patched.nextSetBit(index + 1)) {
            checksum.replace(index, read((long) index * LayerChecksum.CHUNK_BYTES));
        }
        return checksum.digest();
    }

    /** Of the mebibyte from here on, or what there is of it. */
    private CRC32C read(long from) throws IOException {
        var crc = new CRC32C();
        var file = writer.settled();
        var end = Math.min(written, from + LayerChecksum.CHUNK_BYTES);
        for (var at = from; at < end; ) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
            var count = file.read(chunk, at);
            if (count <= 0) {
                throw new EOFException("ends at " + at + " and not at " + end);
            }
            at += count;
            crc.update(chunk.flip());
        }
        chunk.clear();
        return crc;
    }

    /** fsync(2). */
    void synchronise() throws IOException {
        writer.synchronise();
    }

    /** Waits for what is being written. */
    @Override
    public void close() {
        writer.close();
    }
}
