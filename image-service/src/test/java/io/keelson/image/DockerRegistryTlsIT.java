package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.host.json.Json;
import io.keelson.host.tls.PrivateKeyPem;
import io.keelson.image.TestAuthority.Signed;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.ImagePusher;
import io.keelson.image.transfer.ImagePusher.Push;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against docker-registry with TLS, and with a token server. */
@Timeout(120)
class DockerRegistryTlsIT {
    private static final TestImage IMAGE = TestImage.of("one", "two");
    private static final String USER_HEADER = "Basic dXNlcjpzM2NyZXQ=";
    private static final Credentials USER = Credentials.basic("user", "s3cret");

    @TempDir
    Path directory;

    private Path hosts;
    private DockerRegistry registry;

    @BeforeAll
    static void needsThePrograms() {
        assumeTrue(DockerRegistry.isInstalled(), "docker-registry is not installed");
        assumeTrue(TestAuthority.isAvailable(), "openssl is not installed");
    }

    @BeforeEach
    void prepare() throws IOException {
        hosts = Files.createDirectory(directory.resolve("hosts"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (registry != null) {
            registry.close();
        }
    }

    private RegistryConfiguration configuration() {
        return RegistryConfiguration.empty().with(new HostDirectories(List.of(hosts)));
    }

    private void pull() throws IOException {
        pull(Optional.empty());
    }

    /** Each with a node of its own, which asks for everything. */
    private void pull(Optional<Credentials> who) throws IOException {
        try (var node = new Node(Files.createTempDirectory(directory, "node"), configuration())) {
            assertThat(who.map(user -> node.pull(registry.host() + "/app:v1", user))
                            .orElseGet(() -> node.pull(registry.host() + "/app:v1")))
                    .isEqualTo(IMAGE.id());
        }
    }

    private void push(Optional<Credentials> who) {
        try (var client = new RegistryClient(Node.QUICK)) {
            var manifest = IMAGE.manifest();
            new ImagePusher(client, this::configuration)
                    .push(new Push(
                            ImageReference.parse(registry.host() + "/app:v1"),
                            new Descriptor(TestImage.OCI_MANIFEST, IMAGE.manifestDigest(), manifest.length),
                            new TestContent().add(IMAGE, 2).add(manifest),
                            List.of(),
                            who));
        }
    }

    private void serve(Signed server, String more) throws Exception {
        registry = DockerRegistry.start(
                directory,
                "  tls:\n    certificate: " + server.certificate() + "\n    key: " + server.key() + "\n" + more,
                "");
    }

    private void trust(TestAuthority authority, String more) throws IOException {
        var host = Files.createDirectories(hosts.resolve(registry.host().replace(":", "_") + "_"));
        Files.writeString(
                host.resolve("hosts.toml"),
                "server = \"https://" + registry.host() + "\"\nca = \"" + authority.certificate + "\"\n" + more);
    }

    @Tag("T31")
    @Test
    void authorityOfTheHostsFileIsTrustedAndHttp2IsSpoken() throws Exception {
        var authority = TestAuthority.in(directory.resolve("ca"));
        serve(authority.sign("server", "IP:127.0.0.1", 2), "");

        assertThatThrownBy(this::pull).hasMessageContaining("certification path");
        assertThat(registry.log()).doesNotContain("/v2/app/");
        trust(authority, "");
        push(Optional.empty());
        pull();

        assertThat(registry.log()).contains("HEAD /v2/app/blobs/").contains("HTTP/2.0");
    }

    @Test
    void dockersDirectoryOfCertificatesIsTrustedAndReadAgain() throws Exception {
        var authority = TestAuthority.in(directory.resolve("ca"));
        var other = TestAuthority.in(directory.resolve("other"));
        serve(authority.sign("server", "IP:127.0.0.1", 2), "");
        var host = Files.createDirectory(hosts.resolve(registry.host()));
        Files.copy(authority.certificate, host.resolve("ca.crt"));
        push(Optional.empty());
        Files.delete(host.resolve("ca.crt"));
        Files.copy(other.certificate, host.resolve("ca.crt"));

        try (var node = new Node(directory.resolve("node"), configuration())) {
            assertThatThrownBy(() -> node.pull(registry.host() + "/app:v1"))
                    .hasMessageStartingWith("RegistryUnavailable: ");
            Files.writeString(host.resolve("ca.crt"), Files.readString(authority.certificate) + "\n");
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(IMAGE.id());
        }
    }

    @Tag("T31")
    @Test
    void wrongHostAndPastTimeAreRefused() throws Exception {
        var authority = TestAuthority.in(directory.resolve("ca"));
        serve(authority.sign("elsewhere", "DNS:elsewhere.invalid", 2), "");
        trust(authority, "");
        assertThatThrownBy(this::pull)
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining("subject alternative names");
        registry.close();

        serve(authority.sign("past", "IP:127.0.0.1", -1), "");
        trust(authority, "");
        assertThatThrownBy(this::pull)
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining("its certificate is not valid at 20")
                .hasMessageContaining("NotAfter");
        assertThat(registry.log()).doesNotContain("/v2/app/");
    }

    @Test
    void registryThatWantsACertificateOfOursGetsIt() throws Exception {
        var authority = TestAuthority.in(directory.resolve("ca"));
        serve(authority.sign("server", "IP:127.0.0.1", 2), "    clientcas:\n      - " + authority.certificate + "\n");
        trust(authority, "");
        assertThatThrownBy(this::pull).hasMessageStartingWith("RegistryUnavailable: ");

        var client = authority.sign("client", "DNS:node", 2);
        trust(authority, "client = [[\"" + client.certificate() + "\", \"" + client.key() + "\"]]");
        push(Optional.empty());
        pull();
    }

    @Test
    void tokenServerOpensTheRegistryForWhatIsAskedFor() throws Exception {
        var authority = TestAuthority.in(directory.resolve("ca"));
        var signer = authority.sign("signer", "DNS:tokens", 2);
        try (var tokens = new FakeRegistry()) {
            tokens.fault(exchange -> {
                token(exchange, signer);
                return true;
            });
            registry = DockerRegistry.start(directory, "", """
                    auth:
                      token:
                        realm: http://%s/token
                        service: tests
                        issuer: tests
                        rootcertbundle: %s
                    """.formatted(tokens.host(), authority.certificate));

            push(Optional.of(USER));
            pull(Optional.of(USER));
            assertThat(tokens.requests())
                    .extracting(Request::path)
                    .containsExactly(
                            "/token?service=tests&scope=repository%3Aapp%3Apull%2Cpush&account=user",
                            "/token?service=tests&scope=repository%3Aapp%3Apull&account=user");
            assertThatThrownBy(this::pull).hasMessageContaining("refused access");
        }
    }

    /** As the distribution project's "Token Authentication Implementation" wants it; who is nobody gets one that opens nothing. */
    private static void token(HttpExchange exchange, Signed signer) throws IOException {
        var isUser = USER_HEADER.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        var query = exchange.getRequestURI().getQuery();
        var scope = Arrays.stream(query.split("&", -1))
                .filter(part -> part.startsWith("scope="))
                .findFirst()
                .orElseThrow()
                .split(":", -1);
        var access = Json.object()
                .put("type", "repository")
                .put("name", scope[1])
                .putTexts("actions", List.of(scope[2].split(",", -1)))
                .build();
        var now = Instant.now().getEpochSecond();
        var claims = Json.object()
                .put("iss", "tests")
                .put("sub", "user")
                .put("aud", "tests")
                .put("exp", now + 300)
                .put("nbf", now - 60)
                .put("iat", now)
                .put("jti", String.valueOf(System.nanoTime()))
                .putAll("access", isUser ? List.of(access) : List.of());
        var body = Json.object().put("token", signed(claims.build(), signer)).put("expires_in", 300);
        FakeRegistry.answer(exchange, 200, body.build().toBytes());
    }

    private static String signed(Json.Obj claims, Signed signer) throws IOException {
        try {
            var chain = Files.readString(signer.certificate())
                    .lines()
                    .filter(line -> !line.startsWith("-----"))
                    .collect(Collectors.joining());
            var header = Json.object().put("typ", "JWT").put("alg", "RS256").putTexts("x5c", List.of(chain));
            var text = encoded(header.build().toBytes()) + "." + encoded(claims.toBytes());
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(PrivateKeyPem.parse(Files.readAllBytes(signer.key()), "RSA"));
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + encoded(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
