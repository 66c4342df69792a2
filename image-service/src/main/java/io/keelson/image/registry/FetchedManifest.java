package io.keelson.image.registry;

import io.keelson.image.reference.Digest;

/**
 * A manifest or an index, as it came.
 *
 * @param contentType without parameters, in lower case
 * @param digest of the bytes: the one that was asked for, where one was
 */
public record FetchedManifest(byte[] bytes, String contentType, Digest digest) {}
