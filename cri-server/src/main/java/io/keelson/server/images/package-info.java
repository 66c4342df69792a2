/**
 * {@code keelson image}: what the image service does, for people at a terminal, by the running daemon or without one. Start at
 * {@link io.keelson.server.images.ImageCommand}; {@link io.keelson.server.images.ImageParts} is what it works with.
 */
@NullMarked
package io.keelson.server.images;

import org.jspecify.annotations.NullMarked;
