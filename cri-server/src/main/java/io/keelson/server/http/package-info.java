/** Pages that are fetched by HTTP, on this node only: start reading at {@link HttpDoor}. */
@NullMarked
package io.keelson.server.http;

import org.jspecify.annotations.NullMarked;
