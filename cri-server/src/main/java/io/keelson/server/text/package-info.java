/** How commands write at a terminal: tables, sizes, times, colours. */
@NullMarked
package io.keelson.server.text;

import org.jspecify.annotations.NullMarked;
