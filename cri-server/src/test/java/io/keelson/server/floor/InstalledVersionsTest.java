package io.keelson.server.floor;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.process.SpawnedProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("T57")
@Tag("T58")
@Tag("T59")
@Tag("T60")
@Tag("T64")
class InstalledVersionsTest {
    @TempDir
    Path directory;

    private final InstalledVersions versions = new InstalledVersions(new SpawnedProcesses());

    private Path program(String name, String script) throws IOException {
        var file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private void look(String runtime, String monitor, String plugin) throws IOException {
        versions.look(
                Map.of("it", program("runtime", "echo '" + runtime + "'; echo 'spec: 1.3.0'")),
                program("conmon", "echo 'conmon version " + monitor + "'"),
                List.of(
                        directory.resolve("none"),
                        program(
                                        "bridge",
                                        "echo 'CNI bridge plugin " + plugin
                                                + "' >&2; echo 'CNI protocol versions supported: 1.0.0' >&2")
                                .getParent()));
    }

    @ParameterizedTest
    @CsvSource({
        "runc version 1.1.5+ds1, true",
        "runc version 1.2.9, true",
        "runc version 1.3.5, true",
        "runc version 1.3.6, false",
        "runc version 1.4.2, true",
        "runc version 1.4.3, false",
        "runc version 1.5.0, false",
        "runc version 1.10.0, false",
        "runc version 2.0.0, false",
        "crun version 1.8.1, true",
        "crun version 1.27.9, true",
        "crun version 1.28, false",
        "crun version 1.29.1, false",
        "crun version UNKNOWN, true",
        "gvisor version 1.0, false"
    })
    void areSaidToBeTooOldInEachLineOfReleases(String runtime, boolean isTooOld) throws IOException {
        look(runtime, "2.1.13", "v1.9.0");

        assertThat(versions.trouble().isPresent()).isEqualTo(isTooOld);
    }

    @Test
    void areNamedWithWhatIsWanted() throws IOException {
        look("runc version 1.4.2", "2.1.1", "version unknown");

        assertThat(versions.trouble().orElseThrow().split("; "))
                .containsExactly(
                        "runc 1.4.2 (" + directory.resolve("runtime") + "), 1.3.6 or 1.4.3 or 1.5.0 or newer is wanted",
                        "conmon 2.1.1 (" + directory.resolve("conmon") + "), 2.1.2 or newer is wanted",
                        "CNI plugin bridge of an unknown version (" + directory.resolve("bridge")
                                + "), 1.9.0 or newer is wanted");
    }

    @Test
    void areUnknownWhereTheProgramCannotBeAsked() throws IOException {
        versions.look(Map.of(), directory.resolve("none"), List.of());

        assertThat(versions.trouble().orElseThrow()).contains("conmon of an unknown version");
    }

    @Test
    void areNotKnownBeforeSomebodyHasLooked() {
        assertThat(versions.trouble()).isEmpty();
    }
}
