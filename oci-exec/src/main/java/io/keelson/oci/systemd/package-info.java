/**
 * systemd as the one that makes control groups: slices for pods, scopes for processes, asked for on the system bus. Start at
 * {@link io.keelson.oci.systemd.SystemdUnits}.
 */
@NullMarked
package io.keelson.oci.systemd;

import org.jspecify.annotations.NullMarked;
