/**
 * The kernel's calls, one method each, with the C names and argument order of the manual pages. The only package that uses
 * the Foreign Function and Memory API. Start at {@link io.keelson.host.linux.Descriptors} and
 * {@link io.keelson.host.linux.Mounts}; everything goes through {@code SystemCall}, which binds syscall(2) once.
 */
@NullMarked
package io.keelson.host.linux;

import org.jspecify.annotations.NullMarked;
