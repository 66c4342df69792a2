package io.keelson.host.tls;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Private keys as tools write them (RFC 7468): PKCS #8, and the older forms for RSA (RFC 8017, A.1.2) and elliptic curves (RFC 5915),
 * which the platform does not read.
 */
public final class PrivateKeyPem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END \\1PRIVATE KEY-----");

    private static final byte[] ZERO = Der.element(Der.INTEGER, new byte[1]);
    /** The identifier rsaEncryption, and no parameters. */
    private static final byte[] RSA = {6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 5, 0};
    /** The identifier id-ecPublicKey. */
    private static final byte[] ELLIPTIC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private static final int CURVE = 0xA0;

    private PrivateKeyPem() {}

    /**
     * The first key in the text.
     *
     * @param algorithm of the certificate that it belongs to
     * @throws Failure INVALID if there is none that can be read
     */
    public static PrivateKey parse(byte[] text, String algorithm) {
        var block = BLOCK.matcher(new String(text, StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            throw Failure.invalid("there is no private key in PEM in it");
        }
        try {
            var bytes = Base64.getMimeDecoder().decode(block.group(2));
            var encoded = switch (block.group(1)) {
                case "" -> bytes;
                case "RSA " -> wrapped(RSA, bytes);
                case "EC " -> wrapped(join(ELLIPTIC, curve(bytes)), bytes);
                case "ENCRYPTED " ->
                    throw Failure.invalid("the key in it is encrypted, and nobody is there to ask for a password");
                default ->
                    throw Failure.invalid("keys of the kind \"" + block.group(1).strip() + "\" are not read");
            };
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Failure(
                    Failure.Kind.INVALID, "the key in it is not one of the kind of the certificate, " + algorithm, e);
        }
    }

    /** PKCS #8: the version, what kind of key it is, and the key. */
    private static byte[] wrapped(byte[] kind, byte[] key) {
        return Der.element(Der.SEQUENCE, ZERO, Der.element(Der.SEQUENCE, kind), Der.element(Der.OCTETS, key));
    }

    private static byte[] curve(byte[] key) {
        return Der.elements(key).stream()
                .flatMap(outer -> Der.elements(outer.contents()).stream())
                .filter(each -> each.tag() == CURVE)
                .map(Der.Element::contents)
                .findFirst()
                .orElseThrow(() -> Failure.invalid("the key in it does not say on which curve it is"));
    }

    private static byte[] join(byte[] first, byte[] second) {
        var both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
