package io.keelson.image.registry;

import io.keelson.image.reference.Digest;

/** Where manifests and configs come from: a registry, or an archive. What is asked for by digest has that digest, or is not returned. */
public interface Documents {
    FetchedManifest manifest(Digest digest);

    /** A small blob, whole. */
    byte[] blob(Digest digest, long sizeBytes, int limitBytes);
}
