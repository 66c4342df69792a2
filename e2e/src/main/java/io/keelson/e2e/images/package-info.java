/**
 * The images that the end-to-end scenarios pull: layers, configurations, manifests and lists made here, byte for byte the same
 * on every run, and pushed over the registry API. {@link io.keelson.e2e.images.TestImages} lists them.
 */
@NullMarked
package io.keelson.e2e.images;

import org.jspecify.annotations.NullMarked;
