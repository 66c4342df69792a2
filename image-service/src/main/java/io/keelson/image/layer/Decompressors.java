package io.keelson.image.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Isal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * How a blob is unpacked. What it begins with decides: registries and builders mislabel layers, and the diffID tells whether
 * the result is right. Formats that no media type allows are refused by name.
 */
final class Decompressors {
    /** Largest window of a zstd frame, as a power of two: 128 MiB. */
    static final int MAX_ZSTD_WINDOW_LOG = 27;

    private static final int MAGIC_BYTES = 6;

    private Decompressors() {}

    static Decompressor of(CompressedInput input, Compression stated) throws IOException {
        var first = input.available(MAGIC_BYTES);
        if (begins(first, 0x1F, 0x8B)) {
            return Isal.isAvailable() ? new IsalGzip(input) : new JdkGzip(input);
        }
        if (begins(first, 0x28, 0xB5, 0x2F, 0xFD) || isSkippableFrame(first)) {
            return new Zstd(input);
        }
        if (begins(first, 0xFD, '7', 'z', 'X', 'Z') || begins(first, 'B', 'Z', 'h')) {
            throw Failure.invalid("layer is packed with xz or bzip2, not with gzip or zstd");
        }
        if (!first.hasRemaining() && stated != Compression.NONE) {
            throw Failure.invalid("layer is empty, not a " + stated + " stream");
        }
        return new Plain(input);
    }

    private static boolean begins(ByteBuffer bytes, int... magic) {
        if (bytes.remaining() < magic.length) {
            return false;
        }
        for (var i = 0; i < magic.length; i++) {
            if (Byte.toUnsignedInt(bytes.get(bytes.position() + i)) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSkippableFrame(ByteBuffer bytes) {
        for (var low = 0x50; low <= 0x5F; low++) {
            if (begins(bytes, low, 0x2A, 0x4D, 0x18)) {
                return true;
            }
        }
        return false;
    }

    private static final class Plain implements Decompressor {
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

    /** Gzip members one after the other, each with its checksum checked by the library. */
    private static final class IsalGzip implements Decompressor {
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

    /** The same with the JDK's zlib, where ISA-L is not installed (RFC 1952). */
    static final class JdkGzip implements Decompressor {
        private static final int FLAG_HEADER_CRC = 2;
        private static final int FLAG_EXTRA = 4;
        private static final int FLAG_NAME = 8;
        private static final int FLAG_COMMENT = 16;
        private static final int RESERVED_FLAGS = 0xE0;

        private final CompressedInput input;
        private final Inflater inflater = new Inflater(true);
        private final CRC32 crc = new CRC32();
        private boolean withinMember;

        JdkGzip(CompressedInput input) {
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

    private static final class Zstd implements Decompressor {
        private static final int PIECE_BYTES = 128 << 10;

        private final InputStream stream;
        private final byte[] piece = new byte[PIECE_BYTES];

        Zstd(CompressedInput input) throws IOException {
            var zstd = new ZstdInputStreamNoFinalizer(input.asStream());
            zstd.setLongMax(MAX_ZSTD_WINDOW_LOG);
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
}
