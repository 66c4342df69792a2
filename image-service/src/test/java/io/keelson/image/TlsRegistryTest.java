package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.registry.CredentialSource;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries with TLS: what they may not lead to, how old it may be, and proxies on the way. */
@Timeout(120)
class TlsRegistryTest {
    private static final TestImage IMAGE = TestImage.of("one", "two");
    private static final Credentials SECRET = Credentials.basic("user", "s3cret");

    @TempDir
    static Path keys;

    private static SSLContext trusted;
    private static SSLContext untrusted;
    private static Path authority;

    @TempDir
    Path root;

    private FakeRegistry registry;
    private FakeRegistry other;

    @BeforeAll
    static void sign() throws Exception {
        Assumptions.assumeTrue(TestAuthority.isAvailable(), "openssl is not installed");
        var known = TestAuthority.in(keys.resolve("known"));
        authority = known.certificate;
        trusted = known.sign("server", "IP:127.0.0.1,DNS:registry.test", 2).context();
        untrusted = TestAuthority.in(keys.resolve("unknown"))
                .sign("server", "DNS:localhost,IP:127.0.0.1", 2)
                .context();
    }

    @BeforeEach
    void start() throws IOException {
        registry = IMAGE.served(FakeRegistry.secure(trusted, "TLSv1.2"), "v1");
    }

    @AfterEach
    void stop() {
        registry.close();
        if (other != null) {
            other.close();
        }
    }

    private RegistryConfiguration hosts(String host, String toml) throws IOException {
        var name = host.contains(":") ? host.replace(":", "_") + "_" : host;
        var directory = Files.createDirectories(root.resolve("hosts").resolve(name));
        Files.writeString(directory.resolve("hosts.toml"), toml);
        return RegistryConfiguration.empty().with(new HostDirectories(List.of(root.resolve("hosts"))));
    }

    private String https(String more) {
        return "server = \"https://" + registry.host() + "\"\n" + more;
    }

    private Node trusting() throws IOException {
        return new Node(root.resolve("node"), hosts(registry.host(), https("ca = \"" + authority + "\"\n")));
    }

    private void assertPullFails(Node node, Failure.Kind kind, String words) {
        assertThatThrownBy(() -> node.pull(registry.host() + "/app:v1", SECRET))
                .hasMessageContaining(words)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
        assertThat(other.requests()).isEmpty();
    }

    /** R23. */
    @Tag("T33")
    @Test
    void aRedirectFromHttpsToHttpIsNotFollowed() throws IOException {
        other = IMAGE.served(new FakeRegistry(), "v1");
        registry.fault(exchange -> {
            var path = exchange.getRequestURI().getPath();
            if (!path.contains("/blobs/")) {
                return false;
            }
            exchange.getResponseHeaders().add("Location", "http://" + other.host() + path);
            exchange.sendResponseHeaders(307, -1);
            return true;
        });
        try (var node = trusting()) {
            assertPullFails(node, Failure.Kind.UNAVAILABLE, "redirects from https to http");
        }
    }

    /** R29. */
    @Tag("T32")
    @Test
    void aPlainRealmOfASecureRegistryIsNotAsked() throws IOException {
        other = new FakeRegistry();
        var plain = "http://" + other.host() + "/token";
        registry.protectedBy("Bearer never", "Bearer realm=\"" + plain + "\",service=s");
        try (var node = trusting()) {
            assertPullFails(node, Failure.Kind.UNAUTHENTICATED, "is plain http");
        }
    }

    /** Whoever the registry is need not be proved, as configured; who its token server is has to be. */
    @Tag("T31")
    @Test
    void aTokenServerThatCannotProveWhoItIsSeesNothing() throws IOException {
        other = FakeRegistry.secure(untrusted, "TLSv1.3");
        var realm = "https://localhost:" + other.host().substring(other.host().indexOf(':') + 1) + "/token";
        registry.protectedBy("Bearer never", "Bearer realm=\"" + realm + "\",service=s");
        var unproved = hosts(registry.host(), https("skip_verify = true\n"));
        try (var node = new Node(root.resolve("node"), unproved)) {
            assertPullFails(node, Failure.Kind.UNAVAILABLE, "certification path");
        }
    }

    @Test
    void aRegistryWithOlderTlsThanConfiguredIsNotSpokenTo() throws IOException {
        var registries = hosts(registry.host(), https("ca = \"" + authority + "\"\n"));
        try (var node = new Node(root.resolve("node"), registries)) {
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(IMAGE.id());
        }
        registry.forgetRequests();
        other = new FakeRegistry();

        var newer = new RegistryClient(Node.QUICK.speaking(List.of("TLSv1.3")));
        try (var node = new Node(root.resolve("newer"), registries, newer)) {
            assertPullFails(node, Failure.Kind.UNAVAILABLE, "protocol_version");
        }
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void anImageIsPulledThroughAProxyThatWantsAPassword() throws IOException {
        try (var proxy = new TestProxy(registry.host())) {
            var registries = hosts("registry.test", "server = \"https://registry.test\"\nca = \"" + authority + "\"\n");
            var client =
                    new RegistryClient(Node.QUICK, CredentialSource.NOTHING, Map.of("HTTPS_PROXY", proxy.address()));
            try (var node = new Node(root.resolve("node"), registries, client)) {
                assertThat(node.pull("registry.test/app:v1")).isEqualTo(IMAGE.id());
            }
            assertThat(proxy.asked()).isNotEmpty().allMatch(line -> line.startsWith("CONNECT registry.test:443 "));
        }
    }

    @Test
    void aProxyThatRefusesIsSaidToBeTheCause() throws IOException {
        try (var proxy = new TestProxy(registry.host())) {
            var client = new RegistryClient(
                    Node.QUICK,
                    CredentialSource.NOTHING,
                    Map.of("HTTPS_PROXY", proxy.address().replace("user:pw@", "")));
            try (var node = new Node(root.resolve("node"), RegistryConfiguration.empty(), client)) {
                assertThatThrownBy(() -> node.pull("registry.test/app:v1"))
                        .hasMessageStartingWith("RegistryUnavailable: ")
                        .hasMessageContaining("the proxy answered 407")
                        .isInstanceOfSatisfying(
                                Failure.class,
                                failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
            }
        }
    }

    @Test
    void aPlainRegistryIsAskedThroughAProxyByWholeAddresses() throws IOException {
        other = IMAGE.served(new FakeRegistry(), "v1");
        try (var proxy = new TestProxy(other.host())) {
            var registries = hosts("registry.test", "server = \"http://registry.test\"\n");
            var client =
                    new RegistryClient(Node.QUICK, CredentialSource.NOTHING, Map.of("HTTP_PROXY", proxy.address()));
            try (var node = new Node(root.resolve("node"), registries, client)) {
                assertThat(node.pull("registry.test/app:v1")).isEqualTo(IMAGE.id());
            }
            assertThat(proxy.asked()).isNotEmpty().allMatch(line -> line.startsWith("GET http://registry.test/v2/"));
        }
    }
}
