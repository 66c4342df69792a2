/**
 * What the daemon's HTTP servers have in common: a limited number of connections, over TLS where there are certificates. Start at
 * {@link io.keelson.server.connection.Connections}.
 */
@NullMarked
package io.keelson.server.connection;

import org.jspecify.annotations.NullMarked;
