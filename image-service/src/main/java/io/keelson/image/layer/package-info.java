/**
 * Layers as files: a tar stream becomes one read-only EROFS image while it arrives, known by its diffID. Start at
 * {@link io.keelson.image.layer.LayerConverter}; the tar comes from {@link io.keelson.image.tar.TarReader}, the file is written by
 * {@link io.keelson.image.layer.ErofsWriter}, and between them {@link io.keelson.image.layer.LayerTree} decides what each name is.
 */
@NullMarked
package io.keelson.image.layer;

import org.jspecify.annotations.NullMarked;
