package io.keelson.image.compression;

import io.keelson.host.failure.Failure;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Gzip members one after the other by the JDK's zlib, where ISA-L is not installed (RFC 1952). */
public final class JdkGzip implements Decompressor {
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int RESERVED_FLAGS = 0xE0;

    private final CompressedInput input;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private boolean withinMember;

    public JdkGzip(CompressedInput input) {
        this.input = input;
    }

    @Override
    public boolean fill(ByteBuffer out) {
        var start = out.position();
        while (out.hasRemaining()) {
            var in = input.available();
            if (!withinMember) {
                if (!in.hasRemaining()) {
                    break;
                }
                readHeader();
                in = input.available();
            }
            inflate(in, out);
        }
        return out.position() > start;
    }

    private void inflate(ByteBuffer in, ByteBuffer out) {
        var start = out.position();
        try {
            inflater.setInput(in);
            inflater.inflate(out);
        } catch (DataFormatException e) {
            throw new Failure(Failure.Kind.INVALID, "gzip stream is corrupt", e);
        }
        crc.update(out.duplicate().flip().position(start));
        if (inflater.finished()) {
            readTrailer();
        } else if (out.position() == start && (!input.available().hasRemaining() || inflater.needsDictionary())) {
            throw Failure.invalid("gzip stream is truncated");
        }
    }

    private void readHeader() {
        if (next() != 0x1F || next() != 0x8B || next() != 8) {
            throw Failure.invalid("gzip stream is followed by something else");
        }
        var flags = next();
        if ((flags & RESERVED_FLAGS) != 0) {
            throw Failure.invalid("gzip header is corrupt");
        }
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            skip(2);
        }
        withinMember = true;
    }

    private void readTrailer() {
        var expectedCrc = littleEndian();
        var expectedLength = littleEndian();
        if (expectedCrc != crc.getValue() || expectedLength != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
            throw Failure.invalid("gzip stream is corrupt: its checksum is wrong");
        }
        inflater.reset();
        crc.reset();
        withinMember = false;
    }

    private long littleEndian() {
        return next() | (long) next() << 8 | (long) next() << 16 | (long) next() << 24;
    }

    private void skip(int count) {
        for (var i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() {
        var value = next();
        while (value != 0) {
            value = next();
        }
    }

    private int next() {
        var value = input.read();
        if (value < 0) {
            throw Failure.invalid("gzip stream is truncated");
        }
        return value;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
