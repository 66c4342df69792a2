package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockFileTest {
    @TempDir
    Path directory;

    /** Pieces shorter and longer than what is written at once, from here and there, with patches. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsWhatWasAppendedAndPatchedAndItsDigestIsThatOfTheFile(long seed) throws IOException {
        var path = directory.resolve("file");
        var random = new Random(seed);
        var expected = new ByteArrayOutputStream();
        try (var memory = new NativeMemory();
                var file = new BlockFile(path, Long.MAX_VALUE, new StageTimes(), memory)) {
            for (var i = 0; i < 60; i++) {
                append(file, expected, random, memory);
                assertThat(file.position()).isEqualTo(expected.size());
            }
            file.align();
            var bytes = Arrays.copyOf(expected.toByteArray(), (int) file.position());
            for (var i = 0; i < 20; i++) {
                var at = random.nextInt(bytes.length / BlockFile.BLOCK_BYTES) * BlockFile.BLOCK_BYTES;
                var patch = random(random, 100);
                file.patch(at, patch);
                System.arraycopy(patch, 0, bytes, at, patch.length);
            }
            var digest = file.finish();
            assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
            assertThat(digest).isEqualTo(LayerChecksum.of(path));
        }
    }

    private static void append(BlockFile file, ByteArrayOutputStream expected, Random random, NativeMemory memory)
            throws IOException {
        var length = random.nextInt(3) == 0 ? random.nextInt(1_500_000) : random.nextInt(9000);
        var bytes = random(random, length);
        switch (random.nextInt(4)) {
            case 0 -> {
                file.appendZeros(length);
                bytes = new byte[length];
            }
            case 1 -> file.append(bytes, 0, length);
            default -> {
                var direct = memory.allocate(length + 1).put(bytes).flip();
                file.append(direct);
                assertThat(direct.hasRemaining()).isFalse();
            }
        }
        expected.writeBytes(bytes);
    }

    private static byte[] random(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void aLargePieceDoesNotPassTheLimit() throws IOException {
        try (var memory = new NativeMemory();
                var file = new BlockFile(directory.resolve("file"), 1100 << 10, new StageTimes(), memory)) {
            assertThatThrownBy(() -> file.append(ByteBuffer.allocateDirect(2 << 20)))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
        }
        assertThat(directory.resolve("file")).hasSize(1 << 20);
    }
}
