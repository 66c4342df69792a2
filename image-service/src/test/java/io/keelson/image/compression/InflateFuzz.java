package io.keelson.image.compression;

import com.github.luben.zstd.Zstd;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.fuzz.Refusal;
import io.keelson.image.tar.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Compressed blobs, by the library that is installed and by the JDK. */
public final class InflateFuzz {
    /** Enough for the seeds; what is longer is left. */
    private static final int MOST_BYTES = 1 << 20;

    /** Found by Jazzer: bits beyond the end, after which the library says that it has used more than there was. */
    private static final String BEYOND_THE_END =
            "H4sICDAMAHH/////////////LP//////////////////////9fX19fX19fX19fX19fX19fX19fX16/T19fX19fX19fX19fX19fX1"
                    + "9fX19fX19fX19fX19fX19fX19fX1////////////////////////7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs"
                    + "7Ozs7Ozs7Ozs//////////////////////////////////////////////////////////////////////////////////8t////"
                    + "/////////////////2uttWuttbdmLCABAMsQenN0ZC1qbmktMS41LjctMjjB";

    private InflateFuzz() {}

    public static List<byte[]> seeds() {
        var text = TarBytes.bytes("some text that repeats itself, ".repeat(300));
        var skippable = new byte[] {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        return List.of(
                gzip(text),
                joined(gzip(text), gzip(new byte[0]), gzip(text)),
                Zstd.compress(text),
                Base64.getDecoder().decode(BEYOND_THE_END),
                joined(skippable, Zstd.compress(text), skippable, Zstd.compress(text)),
                text);
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private interface Opening {
        Decompressor open(CompressedInput input) throws IOException;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        read(input, compressed -> Decompressors.of(compressed, Compression.GZIP));
        read(input, JdkGzip::new);
    }

    private static void read(byte[] input, Opening opening) {
        Refusal.orSuccess(
                () -> {
                    try (var memory = new NativeMemory();
                            var decompressor =
                                    opening.open(new CompressedInput(new ByteArrayInputStream(input), memory))) {
                        var out = memory.allocate(64 << 10);
                        for (var total = 0; total < MOST_BYTES && decompressor.fill(out.clear()); ) {
                            total += out.position();
                        }
                    }
                },
                Failure.Kind.INVALID);
    }
}
