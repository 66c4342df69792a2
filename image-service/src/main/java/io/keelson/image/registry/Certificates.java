package io.keelson.image.registry;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.tls.PrivateKeyPem;
import io.keelson.image.hosts.HostTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whom we trust and who we are, from files in PEM. The system's authorities are those that distributions keep for all programs
 * ({@code update-ca-certificates(8)} and its like), not those that came with the Java runtime, unless there are no others.
 */
final class Certificates {
    private static final int MAX_FILE_BYTES = 4 << 20;
    private static final List<Path> SYSTEM_BUNDLES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/pki/tls/cacert.pem"),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    private Certificates() {}

    /** The file of the system's authorities, which {@code SSL_CERT_FILE} may name; absent where there is none. */
    static Optional<Path> systemBundle() {
        var named = System.getenv("SSL_CERT_FILE");
        return named != null && !named.isEmpty()
                ? Optional.of(Path.of(named))
                : SYSTEM_BUNDLES.stream().filter(Files::isReadable).findFirst();
    }

    /** @throws Failure INVALID naming the file that cannot be used */
    static SSLContext context(Channel channel) {
        try {
            var context = SSLContext.getInstance("TLS");
            var trust = channel.verify()
                    ? trusting(channel.tls().authorities())
                    : new TrustManager[] {new AnyCertificate()};
            context.init(keys(channel.tls().clients()), trust, new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw Failure.internal("cannot set up TLS", e);
        }
    }

    private static TrustManager[] trusting(List<Path> authorities) throws GeneralSecurityException, IOException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var bundle = systemBundle();
        if (bundle.isEmpty() && authorities.isEmpty()) {
            factory.init((KeyStore) null);
            return factory.getTrustManagers();
        }
        var store = emptyStore();
        bundle.ifPresent(file -> add(store, file));
        authorities.forEach(file -> add(store, file));
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static void add(KeyStore store, Path file) {
        try {
            for (var certificate : read(file)) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
        } catch (GeneralSecurityException e) {
            throw unusable(file, e);
        }
    }

    private static Collection<? extends Certificate> read(Path file) throws CertificateException {
        var bytes = DurableFiles.read(file, MAX_FILE_BYTES);
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
    }

    private static KeyManager[] keys(List<HostTls.ClientPair> clients) throws GeneralSecurityException, IOException {
        if (clients.isEmpty()) {
            return new KeyManager[0];
        }
        var store = emptyStore();
        var password = new char[0];
        for (var pair : clients) {
            var chain = chain(pair.certificate());
            var key = PrivateKeyPem.parse(
                    DurableFiles.read(pair.key(), MAX_FILE_BYTES),
                    chain[0].getPublicKey().getAlgorithm());
            store.setKeyEntry(String.valueOf(store.size()), key, password, chain);
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static Certificate[] chain(Path file) {
        try {
            var chain = read(file).toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw Failure.invalid("there is no certificate in " + file);
            }
            return chain;
        } catch (CertificateException e) {
            throw unusable(file, e);
        }
    }

    private static Failure unusable(Path file, GeneralSecurityException e) {
        return new Failure(Failure.Kind.INVALID, file + " is not a file of certificates in PEM: " + e.getMessage(), e);
    }
}
