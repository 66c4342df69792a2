package io.keelson.image.reference;

import io.keelson.host.failure.Failure;

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

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
