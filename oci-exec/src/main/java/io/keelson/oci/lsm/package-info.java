/**
 * Linux security modules: what this node has of AppArmor and SELinux, and what containers get of them. Start at
 * {@link io.keelson.oci.lsm.SecurityModules}.
 */
@NullMarked
package io.keelson.oci.lsm;

import org.jspecify.annotations.NullMarked;
