/**
 * Manifests, indexes and configs: what they say, which fits this machine, and where they lie (OCI image specification). Start at
 * {@link io.keelson.image.blob.ManifestDocument} and {@link io.keelson.image.blob.OciLayout}.
 */
@NullMarked
package io.keelson.image.blob;

import org.jspecify.annotations.NullMarked;
