/**
 * Exec, attach and port-forward: an HTTP server to which the client of such a call is sent, and the protocols it then speaks. Start at
 * {@link io.keelson.server.stream.StreamServer}.
 */
@NullMarked
package io.keelson.server.stream;

import org.jspecify.annotations.NullMarked;
