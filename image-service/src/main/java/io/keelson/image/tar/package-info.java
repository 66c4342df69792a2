/**
 * Reads tar streams as layers have them: POSIX ustar and pax (POSIX.1-2024), GNU's long names and sparse files, within limits. Start at
 * {@link io.keelson.image.tar.TarReader}. Nothing here touches a file system.
 */
@NullMarked
package io.keelson.image.tar;

import org.jspecify.annotations.NullMarked;
