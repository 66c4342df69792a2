package io.keelson.e2e.images;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** How a layer is stored in the registry. */
public enum Compression {
    /** The tar archive as it is. */
    NONE,
    /** RFC 1952, one member. */
    GZIP,
    /** RFC 8878, one frame. */
    ZSTD;

    private static final int ZSTD_LEVEL = 3;

    /** Compresses what is written to it; closing it closes {@code stored}. */
    OutputStream over(OutputStream stored) throws IOException {
        return switch (this) {
            case NONE -> stored;
            case GZIP -> new GZIPOutputStream(stored);
            case ZSTD -> new ZstdOutputStream(stored, ZSTD_LEVEL);
        };
    }

    byte[] apply(byte[] tar) {
        return switch (this) {
            case NONE -> tar;
            case GZIP -> gzip(tar);
            case ZSTD -> Zstd.compress(tar, ZSTD_LEVEL);
        };
    }

    private static byte[] gzip(byte[] tar) {
        var compressed = new ByteArrayOutputStream(tar.length / 2);
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }
}
