package io.keelson.image.reference;

import io.keelson.host.failure.Failure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What content is known by (OCI image spec, descriptor, "Digests"): an algorithm and the hash in lower-case hex. */
public record Digest(String algorithm, String hex) {
    public Digest {
        var length = switch (algorithm) {
            case "sha256" -> 64;
            case "sha512" -> 128;
            default -> throw Failure.invalid("digest algorithm \"" + algorithm + "\" is not supported");
        };
        if (hex.length() != length
                || !hex.chars()
                        .allMatch(character ->
                                (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f'))) {
            throw Failure.invalid(
                    "digest \"" + algorithm + ":" + hex + "\" is not " + length + " lower-case hex digits");
        }
    }

    /** @throws Failure INVALID unless it is {@code sha256:} or {@code sha512:} and exactly as many lower-case hex digits. */
    public static Digest parse(String text) {
        var colon = text.indexOf(':');
        if (colon < 0) {
            throw Failure.invalid("digest \"" + text + "\" has no algorithm");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest of these bytes. */
    public static Digest of(String algorithm, byte[] bytes) {
        var hash = hash(algorithm);
        return new Digest(algorithm, HexFormat.of().formatHex(hash.digest(bytes)));
    }

    /** Of what went through a hash from {@link #newHash}, which starts anew. */
    public Digest sameKind(MessageDigest hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
    }

    /** A hash to check content against this digest. */
    public MessageDigest newHash() {
        return hash(algorithm);
    }

    private static MessageDigest hash(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw Failure.internal("this JDK has no " + algorithm, e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
