package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.compression.CompressedInput;
import io.keelson.image.compression.Compression;
import io.keelson.image.compression.Decompressors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A whole archive that is packed, as layers are: it has to be unpacked to be read at any place. */
public final class PackedTar {
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int GZIP = 0x8B1F;
    private static final int ZSTD = 0xFD2FB528;

    private PackedTar() {}

    /** Whether the file begins as gzip or zstd does. */
    public static boolean isPacked(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var begin = in.readNBytes(Integer.BYTES);
            if (begin.length < Integer.BYTES) {
                return false;
            }
            var magic = ByteBuffer.wrap(begin).order(ByteOrder.LITTLE_ENDIAN).getInt();
            return magic == ZSTD || (magic & 0xFFFF) == GZIP;
        }
    }

    /**
     * Unpacks it.
     *
     * @param target does not exist; on failure it may
     * @throws Failure EXHAUSTED beyond this many bytes, or when the disk is full; INVALID if it is damaged
     */
    public static void unpack(Path file, Path target, long limitBytes) {
        try (var memory = new NativeMemory();
                InputStream in = Files.newInputStream(file);
                var out = FileChannel.open(
                        target,
                        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                var decompressor = Decompressors.of(new CompressedInput(in, memory), Compression.GZIP)) {
            var buffer = memory.allocate(BUFFER_BYTES);
            var written = 0L;
            for (var more = true; more; ) {
                more = decompressor.fill(buffer.clear());
                written += buffer.flip().remaining();
                if (written > limitBytes) {
                    throw Failure.exhausted("unpacked, it is larger than " + limitBytes + " bytes");
                }
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            }
        } catch (IOException e) {
            throw DurableFiles.failed("unpack to", target, e);
        }
    }
}
