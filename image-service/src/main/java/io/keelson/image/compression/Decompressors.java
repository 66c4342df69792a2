package io.keelson.image.compression;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Isal;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How a blob is unpacked. What it begins with decides: registries and builders mislabel layers, and the diffID tells whether
 * the result is right. Formats that no media type allows are refused by name.
 */
public final class Decompressors {
    private static final int MAGIC_BYTES = 6;

    private Decompressors() {}

    public static Decompressor of(CompressedInput input, Compression stated) throws IOException {
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
}
