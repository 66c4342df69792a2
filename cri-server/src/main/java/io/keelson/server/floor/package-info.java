/**
 * Which versions of the programs that Keelson starts have the corrections that containment depends on, and which are installed.
 * Start at {@link io.keelson.server.floor.InstalledVersions}.
 */
@NullMarked
package io.keelson.server.floor;

import org.jspecify.annotations.NullMarked;
