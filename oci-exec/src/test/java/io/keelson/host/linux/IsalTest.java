package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IsalTest {
    @BeforeEach
    void needsTheLibrary() {
        Assumptions.assumeTrue(Isal.isAvailable(), "libisal.so.2 is not installed");
    }

    @Test
    void inflatesTwoMembersFedInPiecesOfAnySize() throws IOException {
        var first = random(100_000, 1);
        var second = random(5, 2);
        var stream = concatenated(gzip(first), gzip(second));
        for (var piece : new int[] {1, 7, 4096, stream.length}) {
            assertThat(inflate(stream, piece)).isEqualTo(concatenated(first, second));
        }
    }

    @Test
    void aWrongChecksumIsCorrupt() throws IOException {
        var stream = gzip(random(1000, 3));
        stream[stream.length - 6] ^= 1;

        try (var inflater = Isal.open()) {
            var in = ByteBuffer.allocateDirect(stream.length).put(stream).flip();
            assertThat(inflater.inflate(in, ByteBuffer.allocateDirect(2000))).isEqualTo(Isal.Progress.CORRUPT);
        }
    }

    private static byte[] inflate(byte[] stream, int piece) {
        var result = new ByteArrayOutputStream();
        var out = ByteBuffer.allocateDirect(3000);
        try (var inflater = Isal.open()) {
            var in = ByteBuffer.allocateDirect(piece + 64);
            var at = 0;
            in.limit(0);
            while (true) {
                in.compact();
                var length = Math.min(piece, Math.min(stream.length - at, in.remaining()));
                in.put(stream, at, length).flip();
                at += length;
                var progress = inflater.inflate(in, out.clear());
                var bytes = new byte[out.flip().remaining()];
                out.get(bytes);
                result.writeBytes(bytes);
                assertThat(progress).isNotEqualTo(Isal.Progress.CORRUPT);
                if (progress == Isal.Progress.MEMBER_END) {
                    inflater.reset();
                    if (at == stream.length && !in.hasRemaining()) {
                        return result.toByteArray();
                    }
                }
            }
        }
    }

    private static byte[] random(int length, long seed) {
        var bytes = new byte[length];
        var random = new Random(seed);
        for (var i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(16);
        }
        return bytes;
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }
}
