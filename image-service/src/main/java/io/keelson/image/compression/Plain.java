package io.keelson.image.compression;

import java.nio.ByteBuffer;

/** A blob that is not packed. */
final class Plain implements Decompressor {
    private final CompressedInput input;

    Plain(CompressedInput input) {
        this.input = input;
    }

    @Override
    public boolean fill(ByteBuffer out) {
        var start = out.position();
        while (out.hasRemaining()) {
            var in = input.available();
            if (!in.hasRemaining()) {
                break;
            }
            var count = Math.min(in.remaining(), out.remaining());
            out.put(out.position(), in, in.position(), count);
            in.position(in.position() + count);
            out.position(out.position() + count);
        }
        return out.position() > start;
    }

    @Override
    public void close() {}
}
