package io.keelson.image.compression;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Zstandard frames one after the other, skippable ones left out (RFC 8878). */
final class Zstd implements Decompressor {
    /** The largest window of a frame, as a power of two: 128 MiB. */
    private static final int MAX_WINDOW_LOG = 27;

    private static final int PIECE_BYTES = 128 << 10;

    private final InputStream stream;
    private final byte[] piece = new byte[PIECE_BYTES];

    Zstd(CompressedInput input) throws IOException {
        var zstd = new ZstdInputStreamNoFinalizer(input.asStream());
        zstd.setLongMax(MAX_WINDOW_LOG);
        this.stream = zstd;
    }

    @Override
    public boolean fill(ByteBuffer out) {
        var start = out.position();
        try {
            while (out.hasRemaining()) {
                var count = stream.read(piece, 0, Math.min(piece.length, out.remaining()));
                if (count < 0) {
                    break;
                }
                out.put(piece, 0, count);
            }
        } catch (IOException e) {
            // The blob's own reading fails otherwise, in CompressedInput: this is about its contents.
            throw new Failure(Failure.Kind.INVALID, "zstd stream is corrupt: " + e.getMessage(), e);
        }
        return out.position() > start;
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw Failure.internal("cannot close the zstd stream", e);
        }
    }
}
