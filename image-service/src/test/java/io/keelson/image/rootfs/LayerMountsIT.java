package io.keelson.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerFixture;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.rootfs.LayerMounts.ErofsMounts;
import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kind of mount comes of a setting, by what the kernel can do. Needs root, EROFS and loop devices. */
class LayerMountsIT {
    @TempDir
    Path directory;

    private Layer file;
    private Layer tree;

    @BeforeEach
    void makeLayers() throws IOException {
        var tar = new TarBytes().file("f", "1").end();
        file = LayerFixture.convert(LayerStore.open(directory.resolve("files")), tar, LayerKind.EROFS);
        tree = LayerFixture.convert(LayerStore.open(directory.resolve("trees")), tar, LayerKind.DIRECTORY);
    }

    @AfterEach
    void unmount() {
        Mounts.unmountAll(mountPoint());
    }

    private Path mountPoint() {
        return directory.resolve("mounts").resolve(file.diffId().hex());
    }

    private static LinuxException refusal(int why) {
        return new LinuxException("fsconfig", why, "create");
    }

    /** This kernel, as one before Linux 6.12. */
    private static ErofsMounts takingDevicesAlone() {
        return (source, target) -> {
            if (!source.startsWith("/dev")) {
                throw refusal(Errno.ENOTBLK);
            }
            LayerFixture.shell("mount -t erofs -o ro \"$1\" \"$2\"", source, target);
        };
    }

    private static ErofsMounts withoutErofs() {
        return (_, _) -> {
            throw refusal(Errno.ENODEV);
        };
    }

    private void mount(Layer layer, LayerMounts mounts) {
        mounts.withMounted(
                List.of(layer),
                mounted -> assertThat(mounted.getFirst().resolve("f")).hasContent("1"));
    }

    private LayerMounts mounts(LayerKind kind, ErofsMounts kernel) {
        return new LayerMounts(directory.resolve("mounts"), kind, kernel);
    }

    private String source() {
        return LayerFixture.shell("findmnt --noheadings --output SOURCE \"$1\"", mountPoint())
                .strip();
    }

    @Test
    void filesAreMountedAsTheyAre() {
        mount(file, new LayerMounts(directory.resolve("mounts"), LayerKind.AUTO));
        assertThat(source()).isEqualTo(file.file().toString());
    }

    @Test
    void loopDevicesMountThemWhereTheKernelTakesNoFiles() {
        mount(file, mounts(LayerKind.AUTO, takingDevicesAlone()));
        assertThat(source()).startsWith("/dev/loop");
    }

    @Test
    void whoAsksForFilesAloneIsToldWhatToDo() {
        refused(LayerKind.EROFS, takingDevicesAlone(), "Linux 6.12 and later");
        refused(LayerKind.AUTO, withoutErofs(), "this kernel has no EROFS");
        assertThat(Mounts.isMountPoint(mountPoint())).isFalse();
    }

    private void refused(LayerKind kind, ErofsMounts kernel, String why) {
        assertThatThrownBy(() -> mount(file, mounts(kind, kernel)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining(why)
                .hasMessageContaining("layer_store = \"directory\"");
    }

    @Test
    void treesNeedNoErofs() {
        mount(tree, mounts(LayerKind.AUTO, withoutErofs()));
        assertThat(Files.isDirectory(mountPoint())).isTrue();
    }
}
