package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RegistrySessionTest {
    private static final byte[] BLOB = "a blob of some bytes".repeat(1000).getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of("sha256", BLOB);
    private static final Credentials SECRET = Credentials.basic("user", "secret");
    private static final String BASIC = "Basic dXNlcjpzZWNyZXQ=";
    private static final RegistrySettings QUICK = new RegistrySettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            3,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    private FakeRegistry registry;
    private FakeRegistry other;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry().blob(BLOB);
        other = new FakeRegistry().blob(BLOB);
        client = new RegistryClient(QUICK);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        other.close();
    }

    private static RegistryEndpoint own(FakeRegistry registry) {
        return new RegistryEndpoint(registry.host(), "app", false, true);
    }

    private static RegistryEndpoint mirror(FakeRegistry registry) {
        return new RegistryEndpoint(registry.host(), "app", false, false);
    }

    private byte[] fetch(RegistrySession session) {
        return session.blob(DIGEST, BLOB.length, 1 << 20);
    }

    private RegistrySession session() {
        return client.open(List.of(own(registry)), Optional.of(SECRET));
    }

    private void redirectBlobs(String location) {
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
                return false;
            }
            exchange.getResponseHeaders().add("Location", location);
            exchange.sendResponseHeaders(307, -1);
            return true;
        });
    }

    @Tag("T33")
    @Test
    void redirectToAnotherHostIsFollowedWithoutTheSecret() {
        registry.protectedBy(BASIC, "Basic realm=x");
        registry.fault(exchange -> {
            if (!BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().add("Location", "http://" + other.host() + "/store/blobs/" + DIGEST);
            exchange.sendResponseHeaders(307, -1);
            return true;
        });

        assertThat(fetch(session())).isEqualTo(BLOB);
        assertThat(other.requests()).extracting(Request::authorization).containsExactly("");
    }

    @Tag("T33")
    @Test
    void redirectBackFromElsewhereDoesNotBringTheSecretBack() {
        registry.protectedBy(BASIC, "Basic realm=x");
        redirectBlobs("http://" + other.host() + "/blobs/x");
        other.fault(exchange -> {
            exchange.getResponseHeaders().add("Location", "http://" + registry.host() + "/back");
            exchange.sendResponseHeaders(302, -1);
            return true;
        });

        assertThatThrownBy(() -> fetch(session())).isInstanceOf(Failure.class);
        assertThat(registry.requests())
                .filteredOn(request -> request.path().equals("/back"))
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.authorization()).isEmpty());
    }

    @Tag("T33")
    @Test
    void endlessRedirectsAreGivenUp() {
        redirectBlobs("/v2/app/blobs/again");

        assertThatThrownBy(() -> fetch(session())).hasMessageContaining("more than 10 redirects");
        assertThat(registry.blobRequests()).hasSizeLessThanOrEqualTo(11);
    }

    @Test
    void redirectToOtherSchemesIsRefused() {
        redirectBlobs("file:///etc/passwd");

        assertThatThrownBy(() -> fetch(session())).hasMessageContaining("redirects to a file address");
    }

    @Tag("T32")
    @Test
    void secretIsNotGivenToARealmElsewhere() {
        registry.protectedBy(
                "Bearer anonymous", "Bearer realm=\"http://localhost:" + port(other) + "/token\",service=s");
        other.fault(exchange -> {
            FakeRegistry.answer(exchange, 200, "{\"token\":\"anonymous\"}".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        assertThat(fetch(session())).isEqualTo(BLOB);
        assertThat(other.requests()).isNotEmpty().allSatisfy(request -> {
            assertThat(request.authorization()).isEmpty();
            assertThat(request.path()).doesNotContain("user").doesNotContain("secret");
        });
    }

    private static String port(FakeRegistry registry) {
        return registry.host().substring(registry.host().indexOf(':') + 1);
    }

    @Tag("T32")
    @Test
    void unusableRealmsAreRefused() {
        for (var realm : List.of("", "ftp://x/", "http://user:pw@" + registry.host() + "/", "::", "/relative")) {
            registry.protectedBy("Bearer never", "Bearer realm=\"" + realm + "\"");
            assertThatThrownBy(() -> fetch(session()))
                    .as(realm)
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAUTHENTICATED));
        }
    }

    @Tag("T35")
    @Test
    void hugeTokenIsRefused() {
        registry.protectedBy("Bearer never", "Bearer realm=\"http://" + registry.host() + "/token\"");
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/token")) {
                return false;
            }
            FakeRegistry.answer(exchange, 200, new byte[TokenServer.MAX_TOKEN_BYTES + 1]);
            return true;
        });

        assertThatThrownBy(() -> fetch(session())).hasMessageContaining("larger than 1048576 bytes");
    }

    @Test
    void identityTokenIsExchangedByPostAndRegistryTokenIsSentAsItIs() {
        registry.protectedBy("Bearer fresh", "Bearer realm=\"http://" + registry.host() + "/token\",service=s");
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/token")) {
                return false;
            }
            var form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var status =
                    form.contains("grant_type=refresh_token") && form.contains("refresh_token=idtoken") ? 200 : 401;
            FakeRegistry.answer(exchange, status, "{\"access_token\":\"fresh\"}".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        var identity = new Credentials("", "", "idtoken", "", "");
        assertThat(fetch(client.open(List.of(own(registry)), Optional.of(identity))))
                .isEqualTo(BLOB);
        var direct = new Credentials("", "", "", "fresh", "");
        registry.forgetRequests();
        assertThat(fetch(client.open(List.of(own(registry)), Optional.of(direct))))
                .isEqualTo(BLOB);
        assertThat(registry.requests())
                .extracting(Request::method, Request::authorization)
                .containsExactly(tuple("GET", "Bearer fresh"));
    }

    @Test
    void expiredTokenIsRenewedOnceARequest() {
        registry.protectedBy(BASIC, "Basic realm=x");
        var session = session();
        fetch(session);
        registry.failing("/blobs/", 401, 1, "WWW-Authenticate", "Basic realm=x");

        assertThat(fetch(session)).isEqualTo(BLOB);
    }

    @Test
    void mirrorOfAnotherHostGetsNoSecret() {
        other.protectedBy(BASIC, "Basic realm=x");

        assertThat(fetch(client.open(List.of(mirror(other), own(registry)), Optional.of(SECRET))))
                .isEqualTo(BLOB);
        assertThat(other.requests()).extracting(Request::authorization).containsOnly("");
    }

    @Test
    void credentialsForAnotherServerAreNotSent() {
        registry.protectedBy(BASIC, "Basic realm=x");
        var elsewhere = new Credentials("user", "secret", "", "", "https://elsewhere.example/v1/");

        assertThatThrownBy(() -> fetch(client.open(List.of(own(registry)), Optional.of(elsewhere))))
                .isInstanceOf(Failure.class);
        assertThat(registry.requests()).extracting(Request::authorization).containsOnly("");
    }

    @Test
    void deadMirrorIsAskedOnceInAPull() {
        other.failing("/v2/app", 500, 1000);
        var session = client.open(List.of(mirror(other), own(registry)), Optional.empty());

        fetch(session);
        fetch(session);

        assertThat(other.requests()).filteredOn(Request::isBlob).hasSize(1);
    }

    @Test
    void lyingMirrorIsReplacedByTheRegistry() {
        var lie = BLOB.clone();
        lie[100] ^= 1;
        other.blobAs(DIGEST, lie);
        var session = client.open(List.of(mirror(other), own(registry)), Optional.empty());

        assertThatThrownBy(() -> {
                    try (var stream = session.stream(DIGEST, BLOB.length)) {
                        try {
                            stream.readAllBytes();
                        } catch (Failure e) {
                            assertThat(stream.isWorthAnother()).isTrue();
                            throw e;
                        }
                    }
                })
                .hasMessageContaining("is not what it says");
        assertThat(fetch(session)).isEqualTo(BLOB);
    }

    @Test
    void serverWithoutRangesSendsAllAgainAndTheBeginningIsSkipped() {
        registry.breaking(DIGEST, 5000, 1).fault(exchange -> {
            if (exchange.getRequestHeaders().getFirst("Range") == null) {
                return false;
            }
            FakeRegistry.answer(exchange, 200, BLOB);
            return true;
        });

        assertThat(fetch(session())).isEqualTo(BLOB);
    }

    @Test
    void wrongRangeIsNotTaken() {
        registry.breaking(DIGEST, 5000, 1).fault(exchange -> {
            if (exchange.getRequestHeaders().getFirst("Range") == null) {
                return false;
            }
            exchange.getResponseHeaders().add("Content-Range", "bytes 0-10/11");
            FakeRegistry.answer(exchange, 206, new byte[11]);
            return true;
        });

        assertThat(fetch(session())).isEqualTo(BLOB);
    }

    @Test
    void connectionThatAlwaysBreaksIsGivenUpAfterFiveResumes() {
        registry.breaking(DIGEST, 1000, 1000);

        assertThatThrownBy(() -> fetch(session())).hasMessageStartingWith("RegistryUnavailable: ");
        assertThat(registry.blobRequests()).hasSizeLessThanOrEqualTo(2 * (BlobStream.MAX_RESUMES + 1));
    }

    @Test
    void tricklingBodyIsGivenUp() {
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
                return false;
            }
            exchange.sendResponseHeaders(200, BLOB.length);
            for (var i = 0; i < 200; i++) {
                exchange.getResponseBody().write(BLOB[i]);
                exchange.getResponseBody().flush();
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return true;
                }
            }
            return true;
        });
        var begun = System.nanoTime();

        assertThatThrownBy(() -> fetch(session())).hasMessageContaining("no progress");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void encodedManifestIsRefused() {
        registry.fault(exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            FakeRegistry.answer(exchange, 200, new byte[10]);
            return true;
        });

        assertThatThrownBy(() -> session().manifest("v1")).hasMessageContaining("Content-Encoding");
    }

    @Tag("T34")
    @Test
    void hostileDigestHeaderIsRefused() {
        registry.fault(exchange -> {
            exchange.getResponseHeaders().add("Docker-Content-Digest", "sha256:../../x");
            FakeRegistry.answer(exchange, 200, "{}".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        assertThatThrownBy(() -> session().manifest("v1"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Tag("T38")
    @Test
    void secretsAreInNoMessage() {
        registry.protectedBy("Basic other", "Basic realm=x");

        assertThatThrownBy(() -> fetch(session())).satisfies(failure -> {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain("secret").doesNotContain("dXNlcjpzZWNyZXQ");
            }
        });
        assertThat(SECRET.toString()).doesNotContain("user").doesNotContain("secret");
    }
}
