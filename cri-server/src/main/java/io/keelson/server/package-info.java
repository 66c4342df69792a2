/** The daemon as a whole: {@link io.keelson.server.Main} starts it, {@link io.keelson.server.Daemon} is its parts list. */
@NullMarked
package io.keelson.server;

import org.jspecify.annotations.NullMarked;
