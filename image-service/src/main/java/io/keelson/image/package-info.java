/**
 * Images on this node: bringing them, naming them, removing them. Start at {@link io.keelson.image.ImagePuller}; what is here is
 * in {@link io.keelson.image.ImageCatalog}.
 */
@NullMarked
package io.keelson.image;

import org.jspecify.annotations.NullMarked;
