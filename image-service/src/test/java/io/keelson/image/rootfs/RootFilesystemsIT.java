package io.keelson.image.rootfs;

import io.keelson.image.layer.LayerKind;

/** Layers mounted from their files (Linux 6.12 and later). */
class RootFilesystemsIT extends RootFilesystemsContract {
    RootFilesystemsIT() {
        super(LayerKind.EROFS);
    }
}
