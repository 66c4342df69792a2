package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root: it mounts below a temporary directory. */
class DurableFilesIT {
    @TempDir
    Path directory;

    private Path mount;

    @BeforeEach
    void mountASmallFileSystem() throws IOException {
        mount = Files.createDirectories(directory.resolve("tree/mount"));
        Mounts.mount("tmpfs", mount, "tmpfs", 0, "size=64k,nr_inodes=10");
    }

    @AfterEach
    void unmount() {
        Mounts.unmountAll(mount);
    }

    @Test
    @Tag("D1")
    void aFullDiskIsExhaustedAndTheOldContentsStay() throws IOException {
        var file = mount.resolve("record.json");
        DurableFiles.write(file, new byte[10]);

        assertThatThrownBy(() -> DurableFiles.write(file, new byte[100_000]))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.EXHAUSTED))
                .hasMessageContaining("disk is full (ENOSPC)")
                .hasMessageContaining(file.toString());

        assertThat(DurableFiles.read(file, 100)).hasSize(10);
        try (var entries = Files.list(mount)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    @Tag("D4")
    void aMountBelowATreeIsNotEntered() throws IOException {
        var kept = Files.writeString(mount.resolve("kept"), "x");

        assertThatThrownBy(() -> DurableFiles.deleteTree(directory.resolve("tree")))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("mounted");

        assertThat(kept).exists();
    }

    @Test
    void aMountOnTheTreeItselfIsNotEntered() throws IOException {
        var kept = Files.writeString(mount.resolve("kept"), "x");

        assertThatThrownBy(() -> DurableFiles.deleteTree(mount)).hasMessageContaining("mounted");

        assertThat(kept).exists();
    }

    @Test
    @Tag("D4")
    void aBindMountOfTheSameFileSystemIsNotEnteredEither() throws IOException {
        var source = Files.createDirectory(directory.resolve("source"));
        var kept = Files.writeString(source.resolve("kept"), "x");
        var target = Files.createDirectories(directory.resolve("other/target"));
        Mounts.bind(source, target);
        try {
            assertThatThrownBy(() -> DurableFiles.deleteTree(directory.resolve("other")))
                    .hasMessageContaining("mounted");

            assertThat(kept).exists();
        } finally {
            Mounts.unmountAll(target);
        }
    }
}
