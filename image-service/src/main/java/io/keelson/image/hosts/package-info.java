/**
 * What an operator says of a registry's host: which servers stand for it, what each may be asked for, and by which certificates they
 * are known (containerd's {@code hosts.toml}, Docker's {@code certs.d}). Start at {@link io.keelson.image.hosts.HostDirectories}.
 */
@NullMarked
package io.keelson.image.hosts;

import org.jspecify.annotations.NullMarked;
