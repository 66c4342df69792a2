/** Streams that are read in pieces. */
@NullMarked
package io.keelson.host.stream;

import org.jspecify.annotations.NullMarked;
