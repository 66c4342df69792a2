package io.keelson.host.process;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of what a program prints, as far as its limit and its share of memory go. It is kept in pieces: an array that doubles
 * when it is full would for a moment be three times as much.
 */
final class KeptOutput {
    /** What takes no part in a share: most programs say less. */
    static final int FREE_BYTES = 16 << 10;

    private static final int SMALLEST_PIECE_BYTES = 1 << 10;
    private static final int LARGEST_PIECE_BYTES = 64 << 10;

    private final OutputShare share;
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private int limitBytes;
    private int size;
    private int reserved = FREE_BYTES;

    KeptOutput(int limitBytes, OutputShare share) {
        this.limitBytes = limitBytes;
        this.share = share;
    }

    /** False if not all of it is kept; then nothing that follows is, either. */
    boolean add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (size >= limitBytes) {
                return false;
            }
            if (size >= reserved && !reserve()) {
                limitBytes = size;
                return false;
            }
            var piece = piece();
            var count = Math.min(Math.min(bytes.remaining(), piece.remaining()), Math.min(limitBytes, reserved) - size);
            piece.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            size += count;
        }
        return true;
    }

    private boolean reserve() {
        if (!share.grow(LARGEST_PIECE_BYTES)) {
            return false;
        }
        reserved += LARGEST_PIECE_BYTES;
        return true;
    }

    private ByteBuffer piece() {
        if (pieces.isEmpty() || !pieces.getLast().hasRemaining()) {
            pieces.add(ByteBuffer.allocate(Math.clamp(size, SMALLEST_PIECE_BYTES, LARGEST_PIECE_BYTES)));
        }
        return pieces.getLast();
    }

    byte[] toByteArray() {
        var all = ByteBuffer.allocate(size);
        pieces.forEach(piece -> all.put(piece.duplicate().flip()));
        return all.array();
    }
}
