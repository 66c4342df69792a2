package io.keelson.image.rootfs;

import io.keelson.image.layer.LayerKind;

/** Layers as unpacked trees, as where the kernel has no EROFS. */
class RootFilesystemsDirectoryIT extends RootFilesystemsContract {
    RootFilesystemsDirectoryIT() {
        super(LayerKind.DIRECTORY);
    }
}
