package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Exact numbers of bytes out of pieces of any length. */
final class TarInput {
    private final ByteSource source;
    private final TarRecorder recorder;
    private final byte[] skipped = new byte[4096];
    private @Nullable ByteBuffer current;

    /** @param recorder hears of all bytes but those that {@link #transfer} hands on */
    TarInput(ByteSource source, TarRecorder recorder) {
        this.source = source;
        this.recorder = recorder;
    }

    /** The piece to read from, with at least one byte; null at the end. */
    private @Nullable ByteBuffer piece() throws IOException {
        if (current == null || !current.hasRemaining()) {
            current = source.next();
        }
        return current;
    }

    /** Fills the array; false if the stream ends before its first byte. */
    boolean read(byte[] into, Supplier<String> what) throws IOException {
        for (var at = 0; at < into.length; ) {
            var piece = piece();
            if (piece == null) {
                if (at == 0) {
                    return false;
                }
                throw truncated(what);
            }
            var length = Math.min(piece.remaining(), into.length - at);
            piece.get(into, at, length);
            at += length;
        }
        recorder.literal(into, 0, into.length);
        return true;
    }

    byte[] readExactly(int length, Supplier<String> what) throws IOException {
        var bytes = new byte[length];
        if (length > 0 && !read(bytes, what)) {
            throw truncated(what);
        }
        return bytes;
    }

    /** Hands on the next bytes without copying them. */
    void transfer(long length, Supplier<String> what, ByteSource.Sink sink) throws IOException {
        for (var left = length; left > 0; ) {
            var piece = piece();
            if (piece == null) {
                throw truncated(what);
            }
            var take = (int) Math.min(piece.remaining(), left);
            var limit = piece.limit();
            var end = piece.position() + take;
            piece.limit(end);
            sink.accept(piece);
            piece.limit(limit).position(end);
            left -= take;
        }
    }

    void skip(long length, Supplier<String> what) throws IOException {
        transfer(length, what, this::record);
    }

    /** The same, to the end of the stream if that comes first. */
    void skipUpTo(long length) throws IOException {
        for (var left = length; left > 0; ) {
            var piece = piece();
            if (piece == null) {
                return;
            }
            var limit = piece.limit();
            piece.limit(piece.position() + (int) Math.min(piece.remaining(), left));
            left -= piece.remaining();
            record(piece);
            piece.limit(limit);
        }
    }

    /** Reads on to the end of the stream. */
    void drain() throws IOException {
        for (var piece = piece(); piece != null; piece = piece()) {
            record(piece);
        }
    }

    /** What is stored otherwise than it came. */
    void record(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            var length = Math.min(piece.remaining(), skipped.length);
            piece.get(skipped, 0, length);
            recorder.literal(skipped, 0, length);
        }
    }

    private static Failure truncated(Supplier<String> what) {
        return Failure.invalid("tar ends within " + what.get());
    }
}
