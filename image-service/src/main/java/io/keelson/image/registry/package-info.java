/**
 * Talking to registries (OCI distribution specification): which ones may have an image, what they must be shown, and what they
 * answer. Start at {@link io.keelson.image.registry.RegistryClient}.
 */
@NullMarked
package io.keelson.image.registry;

import org.jspecify.annotations.NullMarked;
