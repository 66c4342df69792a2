package io.keelson.image;

import io.keelson.image.reference.Digest;

/** What an image is known by: the digest of its config. CRI shows it in full, {@code sha256:…}, wherever an image is named. */
public record ImageId(Digest digest) {
    public static ImageId parse(String text) {
        return new ImageId(Digest.parse(text));
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
