package io.keelson.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.tls.PrivateKeyPem;
import io.keelson.server.connection.TestCertificates;
import io.keelson.server.connection.TestCertificates.KeyForm;
import io.keelson.server.connection.TlsSettings;
import io.keelson.server.connection.TlsVersion;
import io.keelson.server.http.HttpDoor;
import io.keelson.server.http.ListenAddress;
import io.keelson.server.http.Page;
import io.keelson.server.http.Served;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server over TLS, with certificates by openssl, which has to be installed. */
class StreamTlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final char[] NO_PASSWORD = {};

    @TempDir
    Path directory;

    private TestCertificates certificates;
    private Optional<StreamServer> server = Optional.empty();

    @BeforeEach
    void begin() throws Exception {
        certificates = new TestCertificates(directory);
        certificates.make("own", KeyForm.ELLIPTIC_SEC1);
    }

    @AfterEach
    void end() {
        server.ifPresent(StreamServer::close);
    }

    private URI start(TlsVersion minimum, Optional<Path> authorities) {
        var started = new StreamServer(new StreamServer.Settings(
                "127.0.0.1",
                0,
                PATIENCE,
                PATIENCE,
                Optional.of(new TlsSettings(
                        "streaming.tls",
                        certificates.certificate("own"),
                        certificates.key("own"),
                        authorities,
                        minimum))));
        server = Optional.of(started);
        return started.offer(new Offer.Talk("exec", true, true, true, false, _ -> 0));
    }

    /** The answer's first line. */
    private String ask(URI url, Optional<String> client, String... versions) throws Exception {
        try (var socket = (SSLSocket) context(client).getSocketFactory().createSocket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    /** Trusts the server's present certificate alone. */
    private SSLContext context(Optional<String> client) throws Exception {
        var trusted = store();
        trusted.setCertificateEntry("own", certificate("own"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(client.isPresent() ? identity(client.get()) : new KeyManager[0], trust.getTrustManagers(), null);
        return context;
    }

    private KeyManager[] identity(String name) throws Exception {
        var store = store();
        var certificate = certificate(name);
        var key = PrivateKeyPem.parse(
                Files.readAllBytes(certificates.key(name)),
                certificate.getPublicKey().getAlgorithm());
        store.setKeyEntry(name, key, NO_PASSWORD, new Certificate[] {certificate});
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        return managers.getKeyManagers();
    }

    private static KeyStore store() throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private Certificate certificate(String name) throws Exception {
        try (var in = Files.newInputStream(certificates.certificate(name))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @ParameterizedTest
    @EnumSource
    void encryptsWithKeysInEveryForm(KeyForm form) throws Exception {
        certificates.make("own", form);
        var url = start(TlsVersion.TLS_1_2, Optional.empty());

        assertThat(url.getScheme()).isEqualTo("https");
        assertThat(ask(url, Optional.empty())).isEqualTo("HTTP/1.1 404");
        assertThat(ask(url, Optional.empty(), "TLSv1.2")).isEqualTo("HTTP/1.1 404");
    }

    @Test
    void pagesAreEncryptedInTheSameWay() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        var tls = new TlsSettings(
                "metrics.tls",
                certificates.certificate("own"),
                certificates.key("own"),
                Optional.of(certificates.certificate("own")),
                TlsVersion.TLS_1_3);
        var pages = Served.of(Map.of("/", () -> Page.text(200, "metrics"))).encrypted(Optional.of(tls));
        try (var door = HttpDoor.start(ListenAddress.parse("metrics.listen", "127.0.0.1:0"), pages)) {
            var port = ((InetSocketAddress) door.localAddress()).getPort();
            var url = URI.create("https://127.0.0.1:" + port);

            assertThat(ask(url, Optional.of("own"))).isEqualTo("HTTP/1.1 200");
            assertThatThrownBy(() -> assertThat(ask(url, Optional.empty())).startsWith("HTTP"))
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    @Test
    void speaksNoOlderVersionThanItShould() throws Exception {
        var url = start(TlsVersion.TLS_1_3, Optional.empty());

        assertThat(ask(url, Optional.empty(), "TLSv1.3")).isEqualTo("HTTP/1.1 404");
        assertThatThrownBy(() -> ask(url, Optional.empty(), "TLSv1.2")).isInstanceOf(SSLException.class);
    }

    @Test
    void saysNothingToWhoDoesNotEncrypt() throws Exception {
        var url = start(TlsVersion.TLS_1_2, Optional.empty());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            var said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(said).doesNotContain("HTTP");
        }
    }

    @Test
    void letsInWhoHasACertificateOfTheAuthorityAndNobodyElse() throws Exception {
        certificates.make("friend", KeyForm.RSA_PKCS1);
        certificates.make("stranger", KeyForm.RSA_PKCS8);
        var url = start(TlsVersion.TLS_1_2, Optional.of(certificates.certificate("friend")));

        assertThat(ask(url, Optional.of("friend"))).isEqualTo("HTTP/1.1 404");
        for (var other : List.of(Optional.<String>empty(), Optional.of("stranger"))) {
            assertThatThrownBy(() -> assertThat(ask(url, other)).startsWith("HTTP"))
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    @Test
    void hasTheNewCertificateWithTheNextConnection() throws Exception {
        var url = start(TlsVersion.TLS_1_2, Optional.empty());
        ask(url, Optional.empty());

        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);

        assertThat(ask(url, Optional.empty())).isEqualTo("HTTP/1.1 404");
    }

    @Test
    void doesNotStartWithFilesThatAreBad() throws Exception {
        Files.writeString(certificates.key("own"), "no key");

        assertThatThrownBy(() -> start(TlsVersion.TLS_1_2, Optional.empty()))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("streaming.tls.key");
    }
}
