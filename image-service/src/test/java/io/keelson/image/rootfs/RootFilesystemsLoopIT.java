package io.keelson.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.layer.LayerFixture;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers mounted by loop devices, as before Linux 6.12. */
class RootFilesystemsLoopIT extends RootFilesystemsContract {
    RootFilesystemsLoopIT() {
        super(LayerKind.EROFS_LOOP);
    }

    @Test
    void theDeviceGoesWithItsMount(@TempDir Path directory) throws IOException {
        var store = LayerStore.open(directory.resolve("store"));
        var layer = LayerFixture.convert(store, new TarBytes().file("f", "1").end());
        var filesystems = new RootFilesystems(directory.resolve("mounts"), LayerKind.EROFS_LOOP);
        filesystems.mount(List.of(layer), Files.createDirectory(directory.resolve("c")), IdMap.IDENTITY);
        assertThat(LayerFixture.shell("losetup -a")).contains(layer.file().toString());

        filesystems.unmount(directory.resolve("c"));
        filesystems.mountAnew(layer.diffId());

        // The kernel lets it go in its own time.
        var gone = "for i in $(seq 300); do losetup -a | grep -qF \"$1\" || exit 0; sleep 0.1; done; exit 1";
        LayerFixture.shell(gone, layer.file());
    }
}
