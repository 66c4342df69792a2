package io.keelson.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class SeccompProfilesTest {
    private static final String PROFILE = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}";

    @TempDir
    Path directory;

    private static void refused(String reference) {
        assertThatThrownBy(() -> SeccompProfiles.read(reference))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("seccomp profile");
    }

    @Test
    void aProfileIsReadFromItsFile() throws IOException {
        var file = Files.writeString(directory.resolve("p.json"), PROFILE);

        assertThat(SeccompProfiles.read(file.toString()).text("defaultAction")).isEqualTo("SCMP_ACT_ERRNO");
    }

    @ParameterizedTest
    @Tag("T08")
    @ValueSource(strings = {"", " ", "p.json", "../p.json", "/no/such/profile.json", "/dev/zero", "/etc", "/a\0b"})
    void aProfileThatIsNotThereIsRefused(String reference) {
        refused(reference);
    }

    @ParameterizedTest
    @Tag("T08")
    @ValueSource(
            strings = {"", "{", "[]", "null", "{}", "{\"defaultAction\":\"\",", "{\"defaultAction\":7}", "no profile"})
    void aProfileThatSaysNothingIsRefused(String text) throws IOException {
        refused(Files.writeString(directory.resolve("p.json"), text).toString());
    }

    @Test
    @Tag("T08")
    void aLinkInTheProfilesPlaceIsRefused() throws IOException {
        var real = Files.writeString(directory.resolve("real.json"), PROFILE);

        refused(Files.createSymbolicLink(directory.resolve("link.json"), real).toString());
    }

    @Test
    @Tag("T08")
    void aFifoInTheProfilesPlaceIsRefusedAtOnce() throws IOException, InterruptedException {
        var fifo = directory.resolve("fifo.json");
        new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();

        refused(fifo.toString());
    }
}
