package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.SpecDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With devices that every Linux has. */
class HostDevicesTest {
    @TempDir
    Path directory;

    private static void refused(ContainerDevice device, String why) {
        assertThatThrownBy(() -> HostDevices.of(device))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why)
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void aDeviceKeepsItsNumbersAndHasThePermissionsAskedFor() {
        assertThat(HostDevices.of(new ContainerDevice("/dev/nothing", "/dev/null", "r")))
                .singleElement()
                .satisfies(device -> {
                    assertThat(device.path()).isEqualTo("/dev/nothing");
                    assertThat(device.type()).isEqualTo("c");
                    assertThat(device.major()).isEqualTo(1);
                    assertThat(device.minor()).isEqualTo(3);
                    assertThat(device.permissions()).isEqualTo("r");
                });
    }

    @Test
    void noPermissionsMeanAll() {
        assertThat(HostDevices.of(new ContainerDevice("/dev/null", "/dev/null", ""))
                        .getFirst()
                        .permissions())
                .isEqualTo("rwm");
    }

    @Test
    void aLinkToADeviceIsTheDevice() throws IOException {
        var link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/zero"));

        assertThat(HostDevices.of(new ContainerDevice("/dev/z", link.toString(), "rw")))
                .extracting(SpecDevice::minor)
                .containsExactly(5L);
    }

    @Test
    void linksBelowADirectoryAreNotFollowed() throws IOException {
        Files.createSymbolicLink(directory.resolve("disk"), Path.of("/dev/zero"));

        refused(new ContainerDevice("/dev/x", directory.toString(), "rw"), directory.toString());
    }

    @Test
    void aFileIsNoDevice() throws IOException {
        var file = Files.createFile(directory.resolve("file"));

        refused(new ContainerDevice("/dev/x", file.toString(), "rw"), "no device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/no-such-device", "", "/dev/null\0", "null"})
    void whatIsNotThereIsRefused(String host) {
        refused(new ContainerDevice("/dev/x", host, "rw"), "device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx", "R", "rw ", "r\n"})
    void permissionsAreOfThree(String permissions) {
        refused(new ContainerDevice("/dev/x", "/dev/null", permissions), "permissions");
    }

    /** The runtime makes it there, as root. */
    @ParameterizedTest
    @ValueSource(strings = {"", "dev/x", "/dev/../../etc/x", "/dev/..", "/dev/x\0", "/dev/x\ny"})
    void thePlaceInTheContainerIsAPlainAbsolutePath(String path) {
        refused(new ContainerDevice(path, "/dev/null", "rw"), "in the container");
    }

    @Test
    void aPrivilegedContainerHasTheHostsDevicesButItsOwnTerminals() {
        assertThat(HostDevices.all())
                .extracting(SpecDevice::path)
                .contains("/dev/null", "/dev/zero")
                .noneMatch(path -> path.startsWith("/dev/pts/") || path.equals("/dev/ptmx"));
    }
}
