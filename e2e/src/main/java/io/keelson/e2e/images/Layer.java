package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A layer: its archive as it is stored, and the diffID that the configuration says it has. The two disagree only in an image that
 * is meant to be refused. Compressed once, however many images it is in.
 */
public record Layer(byte[] stored, String diffId, Compression compression) {
    /** A layer that tells the truth. */
    public static Layer of(LayerTar tar, Compression compression) {
        return of(tar.finish(), compression);
    }

    /** A layer of any bytes. */
    public static Layer of(byte[] archive, Compression compression) {
        return new Layer(compression.apply(archive), Blob.sha256(archive), compression);
    }

    /** A layer with gzip. */
    public static Layer of(LayerTar tar) {
        return of(tar, Compression.GZIP);
    }

    /** This layer, announced with the diffID of something else. */
    public Layer withFalseDiffId() {
        return new Layer(stored, Blob.sha256("something else".getBytes(UTF_8)), compression);
    }

    Blob blob(Family family) {
        return Blob.of(family.layer(compression), stored);
    }
}
