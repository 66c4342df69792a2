package io.keelson.server.connection;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.tls.PrivateKeyPem;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What was in the files of {@link TlsSettings} at one time. */
final class TlsFiles {
    private static final int MOST_BYTES = 1 << 20;

    private final TlsSettings settings;
    private final byte[] certificate;
    private final byte[] key;
    private final Optional<byte[]> authorities;

    private TlsFiles(TlsSettings settings, byte[] certificate, byte[] key, Optional<byte[]> authorities) {
        this.settings = settings;
        this.certificate = certificate;
        this.key = key;
        this.authorities = authorities;
    }

    /** @throws Failure if one of them cannot be read */
    static TlsFiles read(TlsSettings settings) {
        return new TlsFiles(
                settings,
                DurableFiles.read(settings.certificate(), MOST_BYTES),
                DurableFiles.read(settings.key(), MOST_BYTES),
                settings.clientAuthorities().map(file -> DurableFiles.read(file, MOST_BYTES)));
    }

    boolean isSameAs(TlsFiles other) {
        return Arrays.equals(certificate, other.certificate)
                && Arrays.equals(key, other.key)
                && Arrays.equals(authorities.orElse(null), other.authorities.orElse(null));
    }

    /** @throws Failure INVALID if they are not what they should be, or do not belong together */
    SslContext context() {
        var chain = certificates(settings.table() + ".certificate", settings.certificate(), certificate);
        var own = chain[0].getPublicKey();
        var context = SslContextBuilder.forServer(privateKey(own), chain)
                .sslProvider(SslProvider.JDK)
                .protocols(settings.minimum().andLater());
        authorities.ifPresent(bytes -> context.clientAuth(ClientAuth.REQUIRE)
                .trustManager(certificates(
                        settings.table() + ".client_authorities",
                        settings.clientAuthorities().orElseThrow(),
                        bytes)));
        try {
            return context.build();
        } catch (SSLException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    settings.table() + ": " + settings.certificate() + " cannot be used: " + e.getMessage(),
                    e);
        }
    }

    /** The end of the server's own certificate. */
    Instant notAfter() {
        return certificates(settings.table() + ".certificate", settings.certificate(), certificate)[0]
                .getNotAfter()
                .toInstant();
    }

    private static X509Certificate[] certificates(String setting, Path file, byte[] bytes) {
        try {
            var found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            if (found.isEmpty()) {
                throw Failure.invalid(setting + ": there is no certificate in " + file);
            }
            return found.toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    setting + ": " + file + " is not a file of certificates in PEM: " + e.getMessage(),
                    e);
        }
    }

    private PrivateKey privateKey(PublicKey own) {
        PrivateKey found;
        try {
            found = PrivateKeyPem.parse(key, own.getAlgorithm());
        } catch (Failure e) {
            throw e.during(settings.table() + ".key: " + settings.key());
        }
        if (!belongTogether(found, own)) {
            throw Failure.invalid(settings.table() + ".key: " + settings.key()
                    + " is not the key of the certificate in " + settings.certificate());
        }
        return found;
    }

    private static boolean belongTogether(PrivateKey key, PublicKey own) {
        var words = new byte[Long.BYTES];
        try {
            var signature = Signature.getInstance(
                    switch (own.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> own.getAlgorithm();
                    });
            signature.initSign(key);
            signature.update(words);
            var signed = signature.sign();
            signature.initVerify(own);
            signature.update(words);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
