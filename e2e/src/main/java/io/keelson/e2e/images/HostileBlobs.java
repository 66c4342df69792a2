package io.keelson.e2e.images;

import static io.keelson.e2e.images.RawTar.path;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Layers whose compression was made to harm (rows L49 to L52, and what T46 adds). */
public final class HostileBlobs {
    private HostileBlobs() {}

    /**
     * One of them.
     *
     * @param word that the refusal has to say; empty for what is harmless
     */
    public record HostileBlob(String row, String what, Outcome outcome, String word, Layer layer) {
        @Override
        public String toString() {
            return row + " " + what;
        }
    }

    public static List<HostileBlob> all() {
        var zeros = new RawTar()
                .entry('0', path("zeros"), new byte[0], new byte[HostileLayers.MAX_MEBIBYTES << 20], header -> {})
                .end();
        return List.of(
                bomb(Compression.GZIP, zeros),
                bomb(Compression.ZSTD, zeros),
                of("L50", "a zstd window of 2 GiB", Outcome.INVALID, "zstd", _ -> windowOfTwoGibibytes()),
                of("L51", "gzip of two members", Outcome.HARMLESS, "", HostileBlobs::twoMembers),
                of(
                        "L52",
                        "garbage behind gzip",
                        Outcome.INVALID,
                        "gzip",
                        tar -> path(gzip(tar), "garbage that goes on")),
                of(
                        "L52",
                        "garbage behind zstd",
                        Outcome.INVALID,
                        "zstd",
                        tar -> path(zstd(tar), "garbage that goes on")),
                of("L52", "half of gzip", Outcome.INVALID, "gzip", tar -> half(gzip(tar))),
                of("L52", "half of zstd", Outcome.INVALID, "zstd", tar -> half(zstd(tar))),
                of("L52", "noise as gzip", Outcome.INVALID, "gzip", tar -> path(Arrays.copyOf(gzip(tar), 10), noise())),
                of("L52", "noise as zstd", Outcome.INVALID, "zstd", tar -> path(Arrays.copyOf(zstd(tar), 5), noise())),
                of("L52", "xz", Outcome.INVALID, "xz", _ -> path("\u00fd7zXZ\0", noise())),
                of("L52", "bzip2", Outcome.INVALID, "bzip2", _ -> path("BZh9", noise())),
                of("L52", "lz4", Outcome.INVALID, "", _ -> path("\4\"M\30", noise())));
    }

    private static HostileBlob bomb(Compression compression, byte[] zeros) {
        return new HostileBlob(
                "L49",
                "a bomb of " + compression,
                Outcome.EXHAUSTED,
                "longer than",
                new Layer(compression.apply(zeros), Blob.sha256(zeros), compression));
    }

    /** A tar that no other case has, stored in a way that is its own. */
    private static HostileBlob of(String row, String what, Outcome outcome, String word, UnaryOperator<byte[]> stored) {
        var tar = new RawTar().file(path("file"), what.repeat(1000)).end();
        return new HostileBlob(
                row, what, outcome, word, new Layer(stored.apply(tar), Blob.sha256(tar), Compression.GZIP));
    }

    private static byte[] gzip(byte[] tar) {
        return Compression.GZIP.apply(tar);
    }

    private static byte[] zstd(byte[] tar) {
        return Compression.ZSTD.apply(tar);
    }

    private static byte[] half(byte[] stored) {
        return Arrays.copyOf(stored, stored.length / 2);
    }

    private static byte[] twoMembers(byte[] tar) {
        var half = tar.length / 2;
        return path(gzip(Arrays.copyOf(tar, half)), gzip(Arrays.copyOfRange(tar, half, tar.length)));
    }

    /** A frame (RFC 8878, 3.1.1) with one empty last block, whose window descriptor says 2^31. */
    private static byte[] windowOfTwoGibibytes() {
        return ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0xFD2FB528)
                .put((byte) 0)
                .put((byte) (21 << 3))
                .put(new byte[] {1, 0, 0})
                .array();
    }

    private static byte[] noise() {
        var noise = new ByteArrayOutputStream();
        for (var i = 1; i <= 4096; i++) {
            noise.write((i * 2_654_435) >>> 5);
        }
        return noise.toByteArray();
    }
}
