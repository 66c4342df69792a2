/**
 * Files that survive a crash: written beside, synchronised, renamed, and their directory synchronised. Start at
 * {@link io.keelson.host.disk.DurableFiles}.
 */
@NullMarked
package io.keelson.host.disk;

import org.jspecify.annotations.NullMarked;
