package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Tar archives as they are, and with the checksums of their headers mended, which few inputs would get past otherwise. */
public final class TarFuzz {
    private static final byte[] MAGIC = TarBytes.bytes("ustar");

    private TarFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                small(1, 6),
                small(100, 20),
                new TarBytes()
                        .pax("GNU.sparse.map", "5,3")
                        .pax("GNU.sparse.size", "1000")
                        .file("holes", "end")
                        .end(),
                new TarBytes()
                        .pax("GNU.sparse.major", "1")
                        .pax("GNU.sparse.minor", "0")
                        .pax("GNU.sparse.realsize", "2000")
                        .file("holes", "1\n100\n3\n" + "\0".repeat(504) + "end")
                        .end(),
                new TarBytes()
                        .raw(
                                'L',
                                TarBytes.bytes("././@LongLink"),
                                new byte[0],
                                TarBytes.bytes("n".repeat(200) + "\0"),
                                201)
                        .file("short", "x")
                        .symbolicLink("link", "a")
                        .file("link/.wh.b", "")
                        .file("d/.wh..wh..opq", "")
                        .hardLink("h", "short")
                        .end());
    }

    /** The first from this number on without a large file. */
    private static byte[] small(long number, int entries) {
        var tar = new RandomTar(number).make(entries);
        return tar.length < 64 << 10 ? tar : small(number + 1, entries);
    }

    public static void fuzzerTestOneInput(byte[] input) {
        read(input);
        read(mended(input));
    }

    private static void read(byte[] input) {
        Refusal.orSuccess(
                () -> {
                    var left = ByteBuffer.wrap(input);
                    var reader = new TarReader(() -> {
                        if (!left.hasRemaining()) {
                            return null;
                        }
                        var piece = left.slice(left.position(), Math.min(700, left.remaining()));
                        left.position(left.position() + piece.remaining());
                        return piece;
                    });
                    for (var entry = reader.next(); entry != null; entry = reader.next()) {
                        reader.readContents(piece -> piece.position(piece.limit()));
                    }
                    reader.drain();
                },
                Failure.Kind.INVALID,
                Failure.Kind.EXHAUSTED);
    }

    /** With right checksums wherever a block looks like a header. */
    public static byte[] mended(byte[] input) {
        var mended = input.clone();
        for (var at = 0; at + TarHeader.BYTES <= mended.length; at += TarHeader.BYTES) {
            if (Arrays.equals(mended, at + 257, at + 257 + MAGIC.length, MAGIC, 0, MAGIC.length)) {
                var header = TarBytes.checksummed(Arrays.copyOfRange(mended, at, at + TarHeader.BYTES));
                System.arraycopy(header, 0, mended, at, header.length);
            }
        }
        return mended;
    }
}
