/**
 * The node's OCI hooks: which of those that lie in its directories a container gets. Start at
 * {@link io.keelson.oci.hook.HookDirectories}.
 */
@NullMarked
package io.keelson.oci.hook;

import org.jspecify.annotations.NullMarked;
