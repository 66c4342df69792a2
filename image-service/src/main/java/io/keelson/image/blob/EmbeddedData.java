package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import java.util.Arrays;
import java.util.Base64;

/** Content that a descriptor carries along (OCI image spec, descriptor, "data"), checked against the descriptor. */
public final class EmbeddedData {
    private final byte[] bytes;

    private EmbeddedData(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws Failure INVALID unless the descriptor tells the truth about it */
    static EmbeddedData decode(String base64, Digest digest, long sizeBytes) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.Kind.INVALID, "data of " + digest + " is not base64", e);
        }
        if (bytes.length != sizeBytes || !Digest.of(digest.algorithm(), bytes).equals(digest)) {
            throw Failure.invalid("data of " + digest + " is not what the descriptor says");
        }
        return new EmbeddedData(bytes);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EmbeddedData data && Arrays.equals(bytes, data.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
