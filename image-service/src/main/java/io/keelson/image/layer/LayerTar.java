package io.keelson.image.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.host.stream.FilePiece;
import io.keelson.image.compression.CompressedInput;
import io.keelson.image.compression.Compression;
import io.keelson.image.compression.Decompressors;
import io.keelson.image.reference.Digest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.Optional;

/** The tar that a layer was made from, made again from its file and its headers, to the last byte. */
public final class LayerTar {
    private static final int FOOTER_BYTES = 8;
    private static final int BUFFER_BYTES = 256 << 10;

    private LayerTar() {}

    static Path headers(Layer layer) {
        return layer.file().resolveSibling(LayerStore.HEADERS);
    }

    /** Whether the tar can be made again: layers brought while their blobs were kept have no headers. */
    public static boolean isAvailable(Layer layer) {
        return Files.exists(headers(layer));
    }

    /** Why what the tar is made from is not what was written, besides the layer itself; empty if it is, or if there is none. */
    static Optional<String> trouble(Layer layer) {
        if (!isAvailable(layer)) {
            return Optional.empty();
        }
        try (var file = FileChannel.open(headers(layer), StandardOpenOption.READ)) {
            write(file, (_, _) -> {}, OutputStream.nullOutputStream());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("what its tar is made from cannot be read: " + e.getMessage());
        }
    }

    /**
     * Writes the tar, and does not close where it goes.
     *
     * @throws Failure ABSENT if there are no headers, INVALID if what came out is not what the layer's diffID says
     */
    public static void write(Layer layer, OutputStream out) {
        if (!isAvailable(layer)) {
            throw Failure.absent(
                    "layer " + layer.diffId() + " was stored without what its tar is made again from (by an"
                            + " earlier version, or beside its blob): remove the images that have it, and pull them again");
        }
        var hash =
                new DigestOutputStream(new UnclosedOutput(out), layer.diffId().newHash());
        try (var file = FileChannel.open(headers(layer), StandardOpenOption.READ);
                var contents = StoredContents.of(layer)) {
            var buffered = new BufferedOutputStream(hash, BUFFER_BYTES);
            write(file, contents, buffered);
            buffered.flush();
        } catch (IOException e) {
            throw DurableFiles.failed("make the tar again of layer", layer.file(), e);
        }
        Digest actual = layer.diffId().sameKind(hash.getMessageDigest());
        if (!actual.equals(layer.diffId())) {
            throw Failure.invalid("layer " + layer.diffId() + " is damaged: its tar has the digest " + actual);
        }
    }

    /**
     * Writes the tar that a blob has packed, and does not close where it goes.
     *
     * @throws Failure INVALID if it is not what the diffID says
     */
    public static void unpack(InputStream blob, Compression stated, Digest diffId, OutputStream out)
            throws IOException {
        var hash = diffId.newHash();
        var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        var piece = new byte[BUFFER_BYTES];
        try (var memory = new NativeMemory();
                var decompressor = Decompressors.of(new CompressedInput(blob, memory), stated)) {
            for (var more = true; more; ) {
                more = decompressor.fill(buffer.clear());
                var length = buffer.flip().remaining();
                buffer.get(piece, 0, length);
                hash.update(piece, 0, length);
                out.write(piece, 0, length);
            }
        }
        var actual = diffId.sameKind(hash);
        if (!actual.equals(diffId)) {
            throw Failure.invalid("the blob of layer " + diffId + " is damaged: its tar has the digest " + actual);
        }
    }

    private static void write(FileChannel file, StoredContents contents, OutputStream out) throws IOException {
        var size = file.size();
        var second = footer(file, size);
        if (second < 0 || second > size - FOOTER_BYTES) {
            throw new IOException("its headers are damaged");
        }
        try (var literals = frame(file, 0, second);
                var index = new DataInputStream(frame(file, second, size - FOOTER_BYTES))) {
            var entry = ByteBuffer.allocate(HeadersFile.ENTRY_BYTES);
            while (index.readNBytes(entry.array(), 0, HeadersFile.ENTRY_BYTES) == HeadersFile.ENTRY_BYTES) {
                copy(literals, entry.getInt(0), out);
                if (entry.getLong(4) != 0) {
                    contents.transfer(entry.getLong(4), out);
                }
            }
            literals.transferTo(out);
        }
    }

    private static long footer(FileChannel file, long size) throws IOException {
        var footer = ByteBuffer.allocate(FOOTER_BYTES);
        if (size < FOOTER_BYTES) {
            return -1;
        }
        while (footer.hasRemaining()) {
            if (file.read(footer, size - footer.remaining()) < 0) {
                return -1;
            }
        }
        return footer.getLong(0);
    }

    private static InputStream frame(FileChannel file, long from, long to) throws IOException {
        return new ZstdInputStreamNoFinalizer(new BufferedInputStream(new FilePiece(file, from, to), BUFFER_BYTES));
    }

    private static void copy(InputStream from, int length, OutputStream to) throws IOException {
        if (length < 0) {
            throw new IOException("its headers are damaged");
        }
        var bytes = new byte[Math.min(length, BUFFER_BYTES)];
        for (var left = length; left > 0; ) {
            var count = from.readNBytes(bytes, 0, Math.min(left, bytes.length));
            if (count == 0) {
                throw new IOException("its headers end too early");
            }
            to.write(bytes, 0, count);
            left -= count;
        }
    }
}
