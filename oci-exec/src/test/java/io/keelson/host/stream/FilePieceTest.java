package io.keelson.host.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePieceTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"0, 10, 0123456789", "3, 7, 3456", "4, 4, ''", "8, 100, 89", "50, 100, ''", "7, 3, ''"})
    void hasWhatIsBetweenItsEndsAndInTheFile(long from, long end, String expected) throws IOException {
        try (var file = FileChannel.open(Files.writeString(directory.resolve("file"), "0123456789"));
                var piece = new FilePiece(file, from, end)) {
            assertThat(piece.read(new byte[0], 0, 0)).isZero();
            assertThat(piece.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo(expected);
            assertThat(piece.read()).isEqualTo(-1);
            assertThat(file.position()).isZero();
        }
    }

    @Test
    void givesSingleBytesWithoutASign() throws IOException {
        try (var file = FileChannel.open(Files.write(directory.resolve("file"), new byte[] {1, (byte) 0xFE}));
                var piece = new FilePiece(file, 0, 2)) {
            assertThat(piece.read()).isEqualTo(1);
            assertThat(piece.read()).isEqualTo(0xFE);
            assertThat(piece.read()).isEqualTo(-1);
        }
    }
}
