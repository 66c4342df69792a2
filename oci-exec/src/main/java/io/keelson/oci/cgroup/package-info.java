/**
 * Control groups in their three layouts: version 1, version 2 and hybrid. Start at {@link io.keelson.oci.cgroup.Cgroups}.
 */
@NullMarked
package io.keelson.oci.cgroup;

import org.jspecify.annotations.NullMarked;
