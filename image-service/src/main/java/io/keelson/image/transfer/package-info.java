/**
 * The steps of a pull: from a reference to its manifest, and from its blobs to layers. Start at
 * {@link io.keelson.image.transfer.ManifestResolver} and {@link io.keelson.image.transfer.LayerFetcher}.
 */
@NullMarked
package io.keelson.image.transfer;

import org.jspecify.annotations.NullMarked;
