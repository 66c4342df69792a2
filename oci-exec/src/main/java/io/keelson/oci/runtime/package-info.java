/**
 * The OCI runtime's command line (crun and runc): start, kill, delete, exec. Start at
 * {@link io.keelson.oci.runtime.OciRuntime}.
 */
@NullMarked
package io.keelson.oci.runtime;

import org.jspecify.annotations.NullMarked;
