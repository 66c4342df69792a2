/**
 * What a blob has packed: gzip (RFC 1952) of any number of members, Zstandard (RFC 8878) of any number of frames, or nothing. Start at
 * {@link io.keelson.image.compression.Decompressors}.
 */
@NullMarked
package io.keelson.image.compression;

import org.jspecify.annotations.NullMarked;
