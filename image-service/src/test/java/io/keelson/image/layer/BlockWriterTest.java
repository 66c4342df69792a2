package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keelson.host.linux.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockWriterTest {
    private static final int BYTES = 64 << 10;

    @TempDir
    Path directory;

    @AutoClose
    private final NativeMemory memory = new NativeMemory();

    private static ByteBuffer random(ByteBuffer into) {
        var bytes = new byte[into.remaining()];
        new Random(bytes.length).nextBytes(bytes);
        return into.put(bytes).flip();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Test
    void writesPastThePageCache() throws Exception {
        var path = directory.resolve("file");
        var block = random(memory.allocate(BYTES, BlockFile.BLOCK_BYTES));
        try (var writer = new BlockWriter(path, new StageTimes())) {
            assumeThat(writer.isDirect())
                    .as("the file system has a way past the page cache")
                    .isTrue();
            writer.begin(block);
            writer.await();
            assertThat(writer.isDirect()).isTrue();
            assertThat(residentBytes(path)).isZero();
            writer.synchronise();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes(block));
    }

    /** Of a file, as fincore(1) tells. */
    private static long residentBytes(Path file) throws IOException, InterruptedException {
        var fincore = new ProcessBuilder("fincore", "--bytes", "--noheadings", "--output=RES", file.toString()).start();
        try (var said = fincore.inputReader()) {
            var line = said.readLine();
            assertThat(fincore.waitFor()).isZero();
            return Long.parseLong(line.strip());
        }
    }

    /** As a file system does that has no way past the page cache, or one for larger blocks. */
    @Test
    void whatCannotGoPastThePageCacheGoesThroughIt() throws IOException {
        var path = directory.resolve("file");
        var odd = random(memory.allocate(BYTES + 1, BlockFile.BLOCK_BYTES).slice(1, BYTES));
        var next = random(memory.allocate(BYTES, BlockFile.BLOCK_BYTES));
        try (var writer = new BlockWriter(path, new StageTimes())) {
            writer.begin(odd);
            writer.begin(next);
            writer.await();
            assertThat(writer.isDirect()).isFalse();
            writer.synchronise();
        }
        assertThat(Files.readAllBytes(path))
                .startsWith(bytes(odd))
                .endsWith(bytes(next))
                .hasSize(2 * BYTES);
    }

    @Test
    void anInterruptEndsTheWaitAndNotTheWrite() throws IOException {
        var path = directory.resolve("file");
        var block = random(memory.allocate(BYTES, BlockFile.BLOCK_BYTES));
        try (var writer = new BlockWriter(path, new StageTimes())) {
            writer.begin(block);
            Thread.currentThread().interrupt();
            assertThatThrownBy(writer::await).isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
            writer.await();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes(block));
    }
}
