/**
 * From layers to the root file system of a container, and questions about it. Start at
 * {@link io.keelson.image.rootfs.RootFilesystems}.
 */
@NullMarked
package io.keelson.image.rootfs;

import org.jspecify.annotations.NullMarked;
