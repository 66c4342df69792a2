package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.tls.PrivateKeyPem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority of the tests' own, and what it signs, by openssl. */
final class TestAuthority {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

    final Path certificate;
    private final Path directory;
    private final Path key;

    private TestAuthority(Path directory) {
        this.directory = directory;
        certificate = directory.resolve("ca.crt");
        key = directory.resolve("ca.key");
    }

    /** A certificate and its key. */
    record Signed(Path certificate, Path key) {
        /** For a server that shows it. */
        SSLContext context() throws GeneralSecurityException, IOException {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (var in = Files.newInputStream(certificate)) {
                var chain = new Certificate[] {
                    CertificateFactory.getInstance("X.509").generateCertificate(in)
                };
                store.setKeyEntry("server", PrivateKeyPem.parse(Files.readAllBytes(key), "RSA"), new char[0], chain);
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        }
    }

    static boolean isAvailable() {
        return Files.exists(OPENSSL);
    }

    static TestAuthority in(Path directory) throws Exception {
        var authority = new TestAuthority(Files.createDirectories(directory));
        authority.openssl(List.of(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=tests",
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-addext",
                "keyUsage=critical,keyCertSign,digitalSignature",
                "-keyout",
                authority.key.toString(),
                "-out",
                authority.certificate.toString()));
        return authority;
    }

    /**
     * @param names as subjectAltName has them, such as {@code IP:127.0.0.1}
     * @param days from now on; negative for one that has ended
     */
    Signed sign(String name, String names, int days) throws Exception {
        var signed = new Signed(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
        var request = directory.resolve(name + ".csr");
        openssl(List.of(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=" + name,
                "-keyout",
                signed.key().toString(),
                "-out",
                request.toString()));
        var extensions = Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + names);
        var arguments = new ArrayList<>(List.of(
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                certificate.toString(),
                "-CAkey",
                key.toString(),
                "-CAcreateserial",
                "-days",
                String.valueOf(days),
                "-extfile",
                extensions.toString(),
                "-out",
                signed.certificate().toString()));
        openssl(arguments);
        return signed;
    }

    private void openssl(List<String> arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(OPENSSL.toString());
        command.addAll(arguments);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
