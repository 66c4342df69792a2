package io.keelson.image.rootfs;

/** Layers mounted from their files (Linux 6.12 and later). */
class RootFilesystemsIT extends RootFilesystemsContract {
    RootFilesystemsIT() {
        super(LayerDevices.NONE);
    }
}
