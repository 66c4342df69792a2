/**
 * Layers as files: a tar stream becomes one read-only EROFS image while it arrives, known by its diffID. Start at
 * {@link io.keelson.image.layer.LayerConverter}; the tar side is {@link io.keelson.image.layer.TarReader}, the file side
 * {@link io.keelson.image.layer.ErofsWriter}, and between them {@link io.keelson.image.layer.LayerTree} decides what each name is.
 */
@NullMarked
package io.keelson.image.layer;

import org.jspecify.annotations.NullMarked;
