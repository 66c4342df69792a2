package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a descriptor points at: bytes with a media type, known by their digest. The bytes are not to be changed. */
record Blob(String mediaType, byte[] content, String digest) {
    private static final JsonMapper JSON = JsonMapper.shared();

    Blob {
        Objects.requireNonNull(digest);
    }

    static Blob of(String mediaType, byte[] content) {
        return new Blob(mediaType, content, sha256(content));
    }

    static Blob of(String mediaType, ObjectNode json) {
        return of(mediaType, JSON.writeValueAsBytes(json));
    }

    /** The descriptor of this blob (OCI image specification, "Content Descriptors"). */
    ObjectNode descriptor() {
        return JSON.createObjectNode()
                .put("mediaType", mediaType)
                .put("digest", digest)
                .put("size", content.length);
    }

    String text() {
        return new String(content, UTF_8);
    }

    static String sha256(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
