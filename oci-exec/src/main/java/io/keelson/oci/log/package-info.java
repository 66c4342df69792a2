/**
 * Where a container's log lies, and what a line of it looks like. Start at {@link io.keelson.oci.log.LogPath}.
 */
@NullMarked
package io.keelson.oci.log;

import org.jspecify.annotations.NullMarked;
