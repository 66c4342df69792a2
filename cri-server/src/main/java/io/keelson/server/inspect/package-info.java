/** What is told of the daemon and its containers by HTTP, to root on this node. Start at {@link io.keelson.server.inspect.InspectPages}. */
@NullMarked
package io.keelson.server.inspect;

import org.jspecify.annotations.NullMarked;
