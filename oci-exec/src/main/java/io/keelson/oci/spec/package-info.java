/**
 * The runtime configuration ({@code config.json}) of a container, by pure functions: nothing in here touches the disk or the
 * kernel. Start at {@link io.keelson.oci.spec.Capabilities} and {@link io.keelson.oci.spec.DefaultSeccomp}.
 */
@NullMarked
package io.keelson.oci.spec;

import org.jspecify.annotations.NullMarked;
