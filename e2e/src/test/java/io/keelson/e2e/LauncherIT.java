package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class cache is used as long as it is of these jars, and that is told without reading them. In a program directory of little. */
class LauncherIT {
    private static final String SERVED = "-XX:AOTCache=";

    @TempDir
    Path directory;

    private Path home;
    private Path jar;
    private Path reads;

    @BeforeEach
    void makeHome() throws Exception {
        home = Files.createDirectory(directory.resolve("keelson"));
        for (var each : List.of("bin", "lib", "aot", "jdk/bin")) {
            Files.createDirectories(home.resolve(each));
        }
        Files.copy(Path.of("..", "deploy", "bin", "keelson"), home.resolve("bin/keelson"));
        program("bin/find-jdk", "echo %s/jdk".formatted(home));
        program("jdk/bin/java", "echo \"$*\"");
        Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=25");
        jar = Files.writeString(home.resolve("lib/one.jar"), "content 1");
        Files.writeString(home.resolve("lib/two.jar"), "content 2");
        var digest = MessageDigest.getInstance("SHA-256")
                .digest("content 1content 2JAVA_VERSION=25".getBytes(StandardCharsets.UTF_8));
        Files.createFile(home.resolve("aot/" + HexFormat.of().formatHex(digest) + ".aot"));
        reads = directory.resolve("reads");
        Files.createDirectory(directory.resolve("counted"));
        program("../counted/sha256sum", "echo read >>%s; exec /usr/bin/sha256sum".formatted(reads));
    }

    private void program(String name, String body) throws IOException {
        var file = Files.writeString(home.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What java is started with. */
    private String start(Path from) throws Exception {
        var path = "PATH=" + directory.resolve("counted") + ":" + System.getenv("PATH");
        return Program.run(
                        directory,
                        List.of("env", path, from.resolve("bin/keelson").toString(), "version"))
                .expectSuccess();
    }

    @Test
    void readsJarsOnce() throws Exception {
        for (var start = 0; start < 3; start++) {
            assertThat(start(home)).contains(SERVED, "io.keelson.server.Main version");
        }
        assertThat(reads).hasContent("read");
    }

    /** As many bytes, at the same place, and the time set back, as archives do. */
    @Test
    void noticesReplacedJar() throws Exception {
        assertThat(start(home)).contains(SERVED);
        var time = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(jar, time);
        assertThat(start(home)).contains(SERVED);

        Files.writeString(jar, "content 3");
        Files.setLastModifiedTime(jar, time);
        assertThat(start(home)).doesNotContain(SERVED);
        assertThat(start(home)).doesNotContain(SERVED);

        Files.writeString(jar, "content 1");
        assertThat(start(home)).contains(SERVED);
    }

    @Test
    void noticesOtherJarAndOtherJdk() throws Exception {
        assertThat(start(home)).contains(SERVED);
        var more = Files.writeString(home.resolve("lib/three.jar"), "content");
        assertThat(start(home)).doesNotContain(SERVED);
        Files.delete(more);
        assertThat(start(home)).contains(SERVED);

        Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=26");
        assertThat(start(home)).doesNotContain(SERVED);
    }

    /** An installation is a copy of what was packaged: the marks are of the files there, so the copy's are read. */
    @Test
    void readsCopyAgain() throws Exception {
        assertThat(start(home)).contains(SERVED);
        var copy = directory.resolve("copy");
        Program.run(directory, List.of("cp", "-a", home.toString(), copy.toString()))
                .expectSuccess();
        assertThat(start(copy)).contains(SERVED);
        assertThat(reads).hasContent("read\nread");
    }
}
