package io.keelson.image.compression;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Isal;
import java.nio.ByteBuffer;

/** Gzip members one after the other by ISA-L, which checks the checksum of each (RFC 1952). */
final class IsalGzip implements Decompressor {
    private final CompressedInput input;
    private final Isal.Inflater inflater = Isal.open();
    private boolean withinMember = true;

    IsalGzip(CompressedInput input) {
        this.input = input;
    }

    @Override
    public boolean fill(ByteBuffer out) {
        var start = out.position();
        while (out.hasRemaining()) {
            var in = input.available();
            if (!in.hasRemaining() && !withinMember) {
                break;
            }
            if (!withinMember) {
                inflater.reset();
                withinMember = true;
            }
            var before = out.position();
            switch (inflater.inflate(in, out)) {
                case CORRUPT -> throw Failure.invalid("gzip stream is corrupt");
                case MEMBER_END -> withinMember = false;
                case MORE -> {
                    if (!input.available().hasRemaining() && out.position() == before) {
                        throw Failure.invalid("gzip stream is truncated");
                    }
                }
            }
        }
        return out.position() > start;
    }

    @Override
    public void close() {
        inflater.close();
    }
}
