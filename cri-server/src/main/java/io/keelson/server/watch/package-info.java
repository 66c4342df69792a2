/** {@code keelson events} and {@code keelson top}: a node as it is now, for people. */
@NullMarked
package io.keelson.server.watch;

import org.jspecify.annotations.NullMarked;
