package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.reference.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A new file that grows at its end by large positional writes, and whose earlier bytes can be patched. Writeback of what is
 * written starts early, so that the one {@code fsync} at the end has little left to do. The checksum is taken on the way.
 */
final class BlockFile implements AutoCloseable {
    static final int BLOCK_BYTES = 4096;
    /** One write: small enough that it is in the processor's cache still when its checksum is taken and the kernel copies it. */
    private static final int CHUNK_BYTES = 128 << 10;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private final Path path;
    private final long limitBytes;
    private final StageTimes times;
    private final FileChannel channel;
    private final EarlyWriteback writeback;
    private final ByteBuffer chunk;
    private final LayerChecksum checksum = new LayerChecksum();
    private final BitSet patched = new BitSet();
    private long written;

    /** @param memory closed after this */
    BlockFile(Path path, long limitBytes, StageTimes times, NativeMemory memory) throws IOException {
        this.path = path;
        this.chunk = memory.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        this.limitBytes = limitBytes;
        this.times = times;
        this.channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        this.writeback = new EarlyWriteback(path);
    }

    long position() {
        return written + chunk.position();
    }

    /** The block that the next byte goes to; the position is aligned. */
    int block() {
        return (int) (position() / BLOCK_BYTES);
    }

    void append(ByteBuffer bytes) throws IOException {
        if (bytes.isDirect() && bytes.remaining() >= CHUNK_BYTES) {
            flush();
            writeChunks(bytes);
        }
        while (bytes.hasRemaining()) {
            var room = chunk.remaining();
            if (bytes.remaining() <= room) {
                chunk.put(bytes);
            } else {
                var limit = bytes.limit();
                bytes.limit(bytes.position() + room);
                chunk.put(bytes);
                bytes.limit(limit);
            }
            flushIfFull();
        }
    }

    /** Whole chunks from where they are. */
    private void writeChunks(ByteBuffer bytes) throws IOException {
        while (bytes.remaining() >= CHUNK_BYTES) {
            write(bytes.slice(bytes.position(), CHUNK_BYTES));
            bytes.position(bytes.position() + CHUNK_BYTES);
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

    private void flush() throws IOException {
        write(chunk.flip());
        chunk.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
        if (written + bytes.remaining() > limitBytes) {
            throw Failure.exhausted("its file would be larger than " + limitBytes + " bytes");
        }
        var start = System.nanoTime();
        checksum.add(bytes.duplicate());
        while (bytes.hasRemaining()) {
            written += channel.write(bytes, written);
        }
        writeback.upTo(written);
        times.add(StageTimes.Stage.WRITE, System.nanoTime() - start);
    }

    /** Replaces bytes that were appended before; they lie within one block. */
    void patch(long position, byte[] bytes) throws IOException {
        if (position >= written) {
            chunk.put((int) (position - written), bytes);
            return;
        }
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
        patched.set((int) (position / LayerChecksum.CHUNK_BYTES));
    }

    /** Writes what is left; the digest is {@link LayerChecksum}'s. */
    Digest finish() throws IOException {
        align();
        flush();
        checksum.end();
        for (var index = patched.nextSetBit(0); index >= 0; index = patched.nextSetBit(index + 1)) {
            checksum.replace(index, read((long) index * LayerChecksum.CHUNK_BYTES));
        }
        return checksum.digest();
    }

    /** Of the mebibyte from here on, or what there is of it. */
    private CRC32C read(long from) throws IOException {
        var crc = new CRC32C();
        var end = Math.min(written, from + LayerChecksum.CHUNK_BYTES);
        for (var at = from; at < end; ) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
            var count = channel.read(chunk, at);
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
        var start = System.nanoTime();
        channel.force(true);
        times.add(StageTimes.Stage.FSYNC, System.nanoTime() - start);
    }

    @Override
    public void close() {
        writeback.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw DurableFiles.failed("close", path, e);
        }
    }
}
