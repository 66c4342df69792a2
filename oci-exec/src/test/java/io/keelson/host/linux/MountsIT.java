package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root: it mounts below a temporary directory. */
class MountsIT {
    @TempDir
    Path directory;

    private Path base;
    private Path merged;

    @BeforeEach
    void mountAFileSystemToPlayIn() throws IOException {
        base = Files.createDirectory(directory.resolve("base"));
        Mounts.mount("tmpfs", base, "tmpfs", Mounts.MS_NOSUID, "size=1m");
        merged = Files.createDirectory(base.resolve("merged"));
    }

    @AfterEach
    void unmount() {
        Mounts.unmountAll(merged);
        Mounts.unmountAll(base);
    }

    @Test
    void anOverlayIsAssembledFromItsParts() throws IOException {
        Files.writeString(Files.createDirectory(base.resolve("lower")).resolve("file"), "from below");
        Files.createDirectory(base.resolve("upper"));
        Files.createDirectory(base.resolve("work"));
        try (var context = Mounts.fsopen("overlay");
                var lower = Descriptors.open(base.resolve("lower"), Descriptors.O_PATH, 0)) {
            Mounts.fsconfigString(context, "lowerdir+", lower.procPath().toString());
            Mounts.fsconfigString(context, "upperdir", base.resolve("upper").toString());
            Mounts.fsconfigString(context, "workdir", base.resolve("work").toString());
            Mounts.fsconfigCreate(context);
            try (var mount = Mounts.fsmount(context, Mounts.MOUNT_ATTR_NODEV)) {
                Mounts.moveMount(mount, merged);
            }
        }

        assertThat(merged.resolve("file")).hasContent("from below");
        Files.writeString(merged.resolve("new"), "x");
        assertThat(base.resolve("upper/new")).exists();
        assertThat(Mounts.isMountPoint(merged)).isTrue();
        assertThat(Mounts.mountInfo()).anySatisfy(mount -> {
            assertThat(mount.mountPoint()).isEqualTo(merged);
            assertThat(mount.type()).isEqualTo("overlay");
            assertThat(mount.options()).contains("nodev");
        });
    }

    @Test
    void aRefusedOptionIsReportedInTheKernelsOwnWords() {
        try (var context = Mounts.fsopen("overlay")) {
            assertThatThrownBy(() -> Mounts.fsconfigString(context, "no_such_option", "x"))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("no_such_option=x")
                    .hasMessageContaining("Unknown parameter");
        }
    }

    @Test
    void everythingStackedOnAPathIsUnmounted() {
        Mounts.mount("one", merged, "tmpfs", 0, "");
        Mounts.mount("two", merged, "tmpfs", 0, "");

        assertThat(Mounts.unmountAll(merged)).isTrue();

        assertThat(Mounts.isMountPoint(merged)).isFalse();
        assertThat(Mounts.unmountAll(merged)).isFalse();
        assertThat(Mounts.unmountAll(merged.resolve("missing"))).isFalse();
    }

    @Test
    void aFileCanBeAMountPointToo() throws IOException {
        var target = Files.createFile(base.resolve("netns"));
        assertThat(Mounts.isMountPoint(target)).isFalse();

        Mounts.bind(Path.of("/proc/self/ns/net"), target);

        assertThat(Mounts.isMountPoint(target)).isTrue();
        assertThat(Inodes.statfs(target).type()).isEqualTo(Inodes.FileSystem.NSFS);
        Mounts.umount2(target, 0);
        assertThat(Mounts.isMountPoint(target)).isFalse();
    }

    @Test
    void aCopyOfAMountIsMadeReadOnlyWithoutTheOriginal() throws IOException {
        try (var copy = Mounts.openTree(base, Mounts.OPEN_TREE_CLONE)) {
            Mounts.mountSetattr(copy, 0, Mounts.MOUNT_ATTR_RDONLY, 0, 0);
            Mounts.moveMount(copy, merged);
        }

        assertThatThrownBy(() -> Files.createFile(merged.resolve("refused"))).hasMessageContaining("Read-only");
        Files.createFile(base.resolve("allowed"));
    }

    @Test
    void aBusyMountIsNamed() throws IOException {
        Mounts.mount("one", merged, "tmpfs", 0, "");
        try (var _ = Files.newOutputStream(merged.resolve("open"))) {
            assertThatThrownBy(() -> Mounts.umount2(merged, 0))
                    .hasMessage("umount2 " + merged + ": EBUSY (Device or resource busy)");
        }
    }
}
