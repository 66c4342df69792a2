package io.keelson.oci.lsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With root: a kernel without SELinux keeps the attribute and does nothing with it. */
class RelabellingIT {
    private static final SelinuxContext LABEL =
            new SelinuxContext("system_u", "object_r", "container_file_t", "s0:c1,c2");

    @TempDir
    Path directory;

    private static Optional<String> label(Path file) {
        try {
            return Inodes.lgetxattr(file, "security.selinux")
                    .map(bytes -> new String(bytes, StandardCharsets.US_ASCII));
        } catch (LinuxException e) {
            assertThat(e.is(Errno.EOPNOTSUPP)).as("why %s has no label", file).isTrue();
            return Optional.empty();
        }
    }

    @Test
    void everythingBelowIsLabelledAndNothingThatALinkLeadsTo() throws IOException {
        var outside = Files.createFile(directory.resolve("outside"));
        var tree = Files.createDirectory(directory.resolve("tree"));
        var deep = Files.createDirectories(tree.resolve("a/b"));
        var file = Files.createFile(deep.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Files.createSymbolicLink(tree.resolve("up"), directory);

        Relabelling.of(tree, LABEL);

        for (var each : List.of(tree, tree.resolve("a"), deep, file, tree.resolve("link"), tree.resolve("up"))) {
            assertThat(label(each)).as(each.toString()).contains("system_u:object_r:container_file_t:s0:c1,c2\0");
        }
        assertThat(label(outside)).isEmpty();
        assertThat(label(directory)).isEmpty();
    }

    @Test
    void whatIsMountedBelowIsLeftAlone() throws IOException {
        var tree = Files.createDirectories(directory.resolve("tree/below")).getParent();
        var other = Files.createDirectory(directory.resolve("other"));
        var file = Files.createFile(other.resolve("file"));
        Mounts.bind(other, tree.resolve("below"));
        try {
            Relabelling.of(tree, LABEL);
        } finally {
            Mounts.umount2(tree.resolve("below"), Mounts.MNT_DETACH);
        }
        assertThat(label(tree)).isPresent();
        assertThat(label(other)).isEmpty();
        assertThat(label(file)).isEmpty();
    }

    @Test
    void aTreeThatIsTooDeepIsRefused() throws IOException {
        var tree = Files.createDirectory(directory.resolve("tree"));
        var deepest = Files.createDirectories(tree.resolve("d/".repeat(255)));
        Relabelling.of(tree, LABEL);
        assertThat(label(deepest)).isPresent();
        Files.createDirectory(deepest.resolve("d"));

        assertThatThrownBy(() -> Relabelling.of(tree, LABEL))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED))
                .hasMessageContaining("256 directories");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/etc",
                "/usr",
                "/usr/bin",
                "/var",
                "/var/lib",
                "/home",
                "/tmp",
                "/proc/self",
                "/sys",
                "/dev/shm"
            })
    void directoriesOfTheSystemAreRefused(String path) {
        assertThatThrownBy(() -> Relabelling.refuseSystem(Path.of(path)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(path);
    }

    /** Files of the kernel take no labels: nothing happens to them if this fails. */
    @Test
    void whatBelongsToTheSystemIsRefusedBeforeAnythingIsLabelled() {
        assertThatThrownBy(() -> Relabelling.of(Path.of("/proc/self/status"), LABEL))
                .hasMessageContaining("belongs to the system");
    }

    @Test
    void whatIsNotThereIsAFailureThatNamesIt() {
        var absent = directory.resolve("absent");

        assertThatThrownBy(() -> Relabelling.of(absent, LABEL)).hasMessageContaining(absent.toString());
    }
}
