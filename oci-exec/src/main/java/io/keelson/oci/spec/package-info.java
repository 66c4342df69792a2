/**
 * The OCI {@code config.json} as a pure function of a resolved request. Nothing in here touches the disk. Start at
 * {@link io.keelson.oci.spec.ContainerSpec}.
 */
@NullMarked
package io.keelson.oci.spec;

import org.jspecify.annotations.NullMarked;
