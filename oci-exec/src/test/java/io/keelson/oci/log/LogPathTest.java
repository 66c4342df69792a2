package io.keelson.oci.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogPathTest {
    @TempDir
    Path directory;

    private Path logs;
    private Path victim;

    @BeforeEach
    void makeVictim() throws IOException {
        logs = directory.resolve("logs/pod");
        victim = Files.createDirectories(directory.resolve("victim"));
        Files.writeString(victim.resolve("file"), "of the host");
    }

    private void refused(String base, String path) throws IOException {
        assertThatThrownBy(() -> LogPath.resolve(base, path))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
        try (var inside = Files.list(victim)) {
            assertThat(inside).containsExactly(victim.resolve("file"));
        }
        assertThat(victim.resolve("file")).hasContent("of the host");
    }

    @Test
    void theDirectoriesAboveALogAreMade() {
        var file = LogPath.resolve(logs.toString(), "web/0.log");

        assertThat(file).isEqualTo(logs.resolve("web/0.log"));
        assertThat(file.getParent()).isDirectory();
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @Tag("T05")
    @ValueSource(
            strings = {
                "../../victim/x",
                "../victim/x",
                "..",
                ".",
                "a/../../../victim/x",
                "a/./b",
                "/",
                "",
                "a\nb",
                "a\0b",
                "a\u007fb"
            })
    void aLogStaysInItsDirectory(String path) throws IOException {
        refused(logs.toString(), path);
    }

    @Test
    @Tag("T05")
    void aNameIsOfAtMost255Bytes() throws IOException {
        assertThat(LogPath.resolve(logs.toString(), "x".repeat(255))).hasParentRaw(logs);
        refused(logs.toString(), "x".repeat(256));
        refused(logs.toString(), "\u00e4".repeat(128));
    }

    @ParameterizedTest
    @Tag("T05")
    @ValueSource(strings = {"relative", "/a/../b", "/a\nb", "/a\0b", "/.."})
    void aLogDirectoryIsPlain(String base) throws IOException {
        refused(base, "x.log");
    }

    @Test
    @Tag("T05")
    void aLinkOnTheWayIsRefused() throws IOException {
        Files.createDirectories(logs);
        Files.createSymbolicLink(logs.resolve("link"), victim);
        Files.createSymbolicLink(logs.resolve("file"), victim.resolve("file"));
        Files.createSymbolicLink(logs.resolve("nowhere"), victim.resolve("new"));

        for (var path : new String[] {"link/x.log", "link/file", "file", "nowhere", "link"}) {
            refused(logs.toString(), path);
        }
    }

    @Test
    @Tag("T05")
    void whatIsNoFileIsRefused() throws IOException {
        Files.createDirectories(logs.resolve("directory"));

        refused(logs.toString(), "directory");
        refused(logs.toString(), "directory/");
    }
}
