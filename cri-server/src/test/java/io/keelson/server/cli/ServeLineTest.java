package io.keelson.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon's plain command line means what picocli takes it for. */
class ServeLineTest {
    @TempDir
    Path directory;

    private Path file;
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws Exception {
        file = Files.writeString(directory.resolve("k.toml"), "[storage]\nroot = \"/told\"\n");
    }

    private String[] words(String line) {
        return line.isEmpty()
                ? new String[0]
                : line.replace("FILE", file.toString()).split(" ");
    }

    private int byPicocli(Consumer<Configuration> daemon, String... words) {
        return new KeelsonCommand("0", daemon).run(new PrintWriter(err, true), new PrintWriter(err, true), words);
    }

    private int plainly(Consumer<Configuration> daemon, String... words) {
        return ServeLine.of(words).orElseThrow().run(daemon, new PrintWriter(err, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--config=FILE", "--config FILE", "serve --config=FILE", "--config FILE serve"})
    void readsTheSameFile(String line) {
        var told = new ArrayList<Path>();
        Consumer<Configuration> daemon =
                configuration -> told.add(configuration.storage().root());
        assertThat(plainly(daemon, words(line))).isZero();
        assertThat(byPicocli(daemon, words(line))).isZero();
        assertThat(told).containsExactly(Path.of("/told"), Path.of("/told"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "serve"})
    void hasDefaultFile(String line) {
        assertThat(ServeLine.of(words(line))).hasValue(new ServeLine(Path.of("/etc/keelson/keelson.toml")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version",
                "--version",
                "--help",
                "serve --help",
                "serve serve",
                "--config",
                "--config=",
                "--config serve",
                "--config=k.toml",
                "--config @FILE",
                "--config=FILE --config=FILE",
                "--configuration=FILE",
                "config",
                "doctor --config=FILE",
                "serve FILE",
                "--config=FILE version"
            })
    void leavesTheRest(String line) {
        assertThat(ServeLine.of(words(line))).isEmpty();
    }

    @Test
    void failsAlike() throws Exception {
        Files.writeString(file, "[storage]\nroot = 1\n");
        var line = words("--config=FILE");
        assertThat(plainly(_ -> {}, line)).isEqualTo(byPicocli(_ -> {}, line)).isEqualTo(KeelsonCommand.FAILED);
        var said = err.toString().lines().toList();
        assertThat(said).hasSize(2);
        assertThat(said.getFirst())
                .isEqualTo(said.getLast())
                .startsWith("keelson: ")
                .contains("storage.root");
    }

    @Test
    void failsAlikeOnceServing() {
        var line = words("--config=FILE");
        Consumer<Configuration> daemon = _ -> {
            throw new Failure(Failure.Kind.WRONG_STATE, "another daemon has it");
        };
        assertThat(plainly(daemon, line)).isEqualTo(byPicocli(daemon, line)).isEqualTo(KeelsonCommand.FAILED);
        Consumer<Configuration> broken = _ -> {
            throw new IllegalStateException("broken");
        };
        assertThat(plainly(broken, line)).isEqualTo(byPicocli(broken, line)).isEqualTo(KeelsonCommand.FAILED);
        assertThat(err.toString()).contains("keelson: another daemon has it", "IllegalStateException: broken");
    }
}
