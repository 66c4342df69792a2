package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
    private static final String TIME = "2026-11-26T12:00:00.000000001+00:00 ";

    @TempDir
    Path directory;

    @Test
    void areTheTextsOfTheLog() throws IOException {
        var log = log(TIME + "stdout F one\n" + TIME + "stderr P half and \n" + TIME + "stderr F half\n" + "rubbish\n");

        assertThat(LastWords.of(log)).isEqualTo("one\nhalf and half");
    }

    @Test
    void areTheLastOnesInWholeCharacters() throws IOException {
        var line = TIME + "stdout F " + "é".repeat(100) + "\n";

        var words = LastWords.of(log("x\n" + line.repeat(500)));

        assertThat(words.getBytes(StandardCharsets.UTF_8))
                .hasSizeBetween(LastWords.MOST_BYTES - 3, LastWords.MOST_BYTES);
        assertThat(words).endsWith("é").doesNotContain("\uFFFD").doesNotContain("stdout");
    }

    @Test
    void controlTheTerminalOfNobody() throws IOException {
        assertThat(LastWords.of(log(TIME + "stdout F \u001b[2Jgone\tnow\n"))).isEqualTo("?[2Jgone\tnow");
    }

    @Test
    void areNoneWithoutALogOrBehindALink() throws IOException {
        Files.createSymbolicLink(directory.resolve("link"), log(TIME + "stdout F secret\n"));

        assertThat(LastWords.of(directory.resolve("link"))).isEmpty();
        assertThat(LastWords.of(directory.resolve("absent"))).isEmpty();
    }

    private Path log(String text) throws IOException {
        return Files.writeString(directory.resolve("log"), text);
    }
}
