package io.keelson.e2e.images;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes a layer that is too large for its archive to be in memory; only what is stored is kept. */
public final class StreamedLayer {
    private static final int BLOCK_BYTES = 512;
    private static final int PIECE_BYTES = 1 << 20;

    private final Compression compression;
    private final ByteArrayOutputStream stored = new ByteArrayOutputStream();
    private final MessageDigest digest = sha256();
    private final OutputStream archive;
    private final LayerTar tar = new LayerTar();
    private long bytes;

    /** A layer without entries. */
    public StreamedLayer(Compression compression) throws IOException {
        this.compression = compression;
        this.archive = new DigestOutputStream(compression.over(stored), digest);
    }

    /** Adds a directory. */
    public void directory(String path) throws IOException {
        tar.directory(path, 0755);
        flush();
    }

    /** Adds a regular file. */
    public void file(String path, byte[] content) throws IOException {
        tar.file(path, 0644, content);
        flush();
    }

    /** Adds a regular file of zeros. */
    public void zeros(String path, long length) throws IOException {
        tar.head(path, 0644, length);
        flush();
        var piece = new byte[PIECE_BYTES];
        var padded = length + Math.floorMod(-length, (long) BLOCK_BYTES);
        for (var left = padded; left > 0; left -= Math.min(left, piece.length)) {
            archive.write(piece, 0, (int) Math.min(left, piece.length));
        }
        bytes += padded;
    }

    private void flush() throws IOException {
        var entry = tar.take();
        archive.write(entry);
        bytes += entry.length;
    }

    /** Length of the archive up to here. */
    public long bytes() {
        return bytes;
    }

    /** The layer; nothing can be added any more. */
    public Layer end() throws IOException {
        archive.write(new byte[2 * BLOCK_BYTES]);
        archive.close();
        return new Layer(stored.toByteArray(), "sha256:" + HexFormat.of().formatHex(digest.digest()), compression);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
