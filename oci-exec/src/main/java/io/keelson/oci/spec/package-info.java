/** The OCI runtime configuration of a container, made as a pure function from what is known about it. */
@NullMarked
package io.keelson.oci.spec;

import org.jspecify.annotations.NullMarked;
