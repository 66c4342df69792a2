package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Tells whether a layer file is still what was written: SHA-256 over the CRC-32C of each of its mebibytes, in order. It guards
 * against disks, not against people (whoever can write the file can write its record as well), and costs a tenth of a hash of
 * all bytes, which a pull would otherwise pay on top of the two digests that do guard against people.
 */
final class LayerChecksum {
    static final int CHUNK_BYTES = 1 << 20;

    private final CRC32C open = new CRC32C();
    private int openBytes;
    private int[] checksums = new int[64];
    private int count;

    /** The next bytes, of which none are left. */
    void add(ByteBuffer bytes) {
        var limit = bytes.limit();
        while (bytes.position() < limit) {
            var length = Math.min(limit - bytes.position(), CHUNK_BYTES - openBytes);
            open.update(bytes.limit(bytes.position() + length));
            openBytes += length;
            if (openBytes == CHUNK_BYTES) {
                endChunk();
            }
            bytes.limit(limit);
        }
    }

    private void endChunk() {
        if (count == checksums.length) {
            checksums = Arrays.copyOf(checksums, count * 2);
        }
        checksums[count++] = (int) open.getValue();
        open.reset();
        openBytes = 0;
    }

    /** No more bytes come: the last mebibyte may be shorter. */
    void end() {
        if (openBytes > 0) {
            endChunk();
        }
    }

    /** What a mebibyte is now, after {@link #end}. */
    void replace(int index, CRC32C checksum) {
        checksums[index] = (int) checksum.getValue();
    }

    /** Of all bytes; after {@link #end}. */
    Digest digest() {
        var table = ByteBuffer.allocate(4 * count);
        for (var i = 0; i < count; i++) {
            table.putInt(checksums[i]);
        }
        return new Digest("sha256", HexFormat.of().formatHex(sha256().digest(table.array())));
    }

    static MessageDigest sha256() {
        return messageDigest("SHA-256");
    }

    static MessageDigest messageDigest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw Failure.internal("the JDK has no " + algorithm, e);
        }
    }

    /** Reads the whole file. */
    static Digest of(Path file) {
        return of(file, IoBudget.UNLIMITED);
    }

    /** The same, no quicker than may be. */
    static Digest of(Path file, IoBudget budget) {
        var checksum = new LayerChecksum();
        try (var memory = new NativeMemory();
                var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var chunk = memory.allocate(CHUNK_BYTES);
            var ended = false;
            while (!ended) {
                chunk.clear();
                while (chunk.hasRemaining() && !ended) {
                    ended = channel.read(chunk) < 0;
                }
                checksum.add(chunk.flip());
                budget.spend(chunk.limit());
            }
        } catch (IOException e) {
            throw DurableFiles.failed("read", file, e);
        }
        checksum.end();
        return checksum.digest();
    }
}
