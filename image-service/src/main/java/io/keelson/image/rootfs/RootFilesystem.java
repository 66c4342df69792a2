package io.keelson.image.rootfs;

import java.nio.file.Path;

/**
 * A mounted root file system.
 *
 * @param root where it is mounted
 * @param upper what the container changed
 */
public record RootFilesystem(Path root, Path upper) {}
