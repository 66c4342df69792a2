package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PushSessionTest {
    private static final byte[] BLOB = "a blob of some bytes".repeat(100).getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.of("sha256", BLOB);
    private static final int CHUNK = 600;
    private static final RegistrySettings QUICK = new RegistrySettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            3,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    private FakeRegistry registry;
    private FakeRegistry other;
    private FakeUploads uploads;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        other = new FakeRegistry();
        uploads = new FakeUploads(registry);
        client = new RegistryClient(QUICK);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
        other.close();
    }

    private RegistryEndpoint endpoint() {
        return new RegistryEndpoint(registry.host(), "app", false, true);
    }

    private PushSession session() {
        return client.openPush(List.of(endpoint()), Optional.of(Credentials.basic("user", "secret")), List.of());
    }

    private void upload() {
        registry.fault(uploads);
        var connection = new RegistryConnection(
                endpoint(),
                Optional.of(Credentials.basic("user", "secret")),
                Scopes.push(endpoint(), List.of()),
                client);
        new BlobUpload(connection, QUICK.last(), DIGEST, BLOB.length, PushSessionTest::open, CHUNK).run();
    }

    private static ByteArrayInputStream open(long offset) {
        return new ByteArrayInputStream(BLOB, (int) offset, BLOB.length - (int) offset);
    }

    private List<String> methods() {
        // Less the question whether the registry speaks TLS.
        return registry.requests().stream()
                .filter(request -> !request.path().equals("/v2/"))
                .map(Request::method)
                .toList();
    }

    private boolean hasBlob() {
        return session().hasBlob(DIGEST);
    }

    @Test
    void smallBlobIsSentInOnePiece() {
        registry.fault(uploads);

        session().upload(DIGEST, BLOB.length, PushSessionTest::open);

        assertThat(methods()).containsExactly("POST", "PUT");
        assertThat(hasBlob()).isTrue();
    }

    @Test
    void largeBlobIsSentInChunks() {
        upload();

        assertThat(methods()).containsExactly("POST", "PATCH", "PATCH", "PATCH", "PUT");
        assertThat(hasBlob()).isTrue();
    }

    @Test
    void lostChunkIsSentAgainFromWhereTheRegistryHasIt() {
        var patches = new AtomicInteger();
        registry.fault(exchange -> {
            if (!exchange.getRequestMethod().equals("PATCH") || patches.incrementAndGet() != 2) {
                return false;
            }
            throw new IOException("told to break");
        });

        upload();

        assertThat(methods()).containsExactly("POST", "PATCH", "PATCH", "GET", "PATCH", "PATCH", "PUT");
        assertThat(hasBlob()).isTrue();
    }

    @Test
    void forgottenUploadIsBegunAnew() {
        var patches = new AtomicInteger();
        registry.fault(exchange -> {
            if (exchange.getRequestMethod().equals("PATCH") && patches.incrementAndGet() == 2) {
                uploads.forgetUploads();
            }
            return false;
        });

        upload();

        assertThat(methods())
                .containsSubsequence("POST", "PATCH", "PATCH", "GET", "POST", "PATCH", "PATCH", "PATCH", "PUT");
        assertThat(hasBlob()).isTrue();
    }

    @Test
    void registryThatTakesNoChunkIsGivenUp() {
        registry.fault(exchange -> {
            if (!exchange.getRequestMethod().equals("PATCH")) {
                return false;
            }
            FakeRegistry.answer(exchange, 500, new byte[0]);
            return true;
        });

        assertThatThrownBy(this::upload)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
        assertThat(methods()).filteredOn("PATCH"::equals).hasSize(BlobUpload.MAX_RESUMES + 1);
    }

    @Test
    void blobThatIsNotWhatItsDigestSaysIsRefused() {
        registry.fault(uploads);

        assertThatThrownBy(() -> session().upload(Digest.of("sha256", new byte[1]), BLOB.length, PushSessionTest::open))
                .hasMessageContaining("DIGEST_INVALID")
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void uploadElsewhereSeesNoSecret() {
        var secret = Credentials.basic("user", "secret").basicHeader();
        registry.protectedBy(secret, "Basic realm=x");
        registry.fault(exchange -> {
            if (!secret.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            exchange.getResponseHeaders().add("Location", "http://" + other.host() + "/v2/app/blobs/uploads/x");
            FakeRegistry.answer(exchange, 202, new byte[0]);
            return true;
        });
        other.fault(exchange -> {
            exchange.getRequestBody().readAllBytes();
            FakeRegistry.answer(exchange, 201, new byte[0]);
            return true;
        });

        session().upload(DIGEST, BLOB.length, PushSessionTest::open);

        assertThat(other.requests())
                .extracting(Request::method, Request::authorization)
                .containsExactly(tuple("PUT", ""));
    }

    @Test
    void mountSendsNothingAndWhereItIsNotGrantedLeavesNoUpload() {
        registry.fault(uploads.mountable("base", DIGEST));
        var session = session();

        assertThat(session.mount(DIGEST, "base")).isTrue();
        assertThat(session.mount(DIGEST, "elsewhere")).isFalse();

        assertThat(methods()).containsExactly("POST", "POST", "DELETE");
    }

    @Test
    void manifestUnderAnotherDigestIsRefused() {
        registry.fault(exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Docker-Content-Digest", DIGEST.toString());
            FakeRegistry.answer(exchange, 201, new byte[0]);
            return true;
        });

        assertThatThrownBy(() -> session().manifest("v1", new byte[] {'{', '}'}, "application/json"))
                .hasMessageContaining("by another digest");
    }

    @Test
    void referrersComeFromTheApiPageByPageOrFromTheTag() {
        var index = "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":1}]}";
        registry.fault(exchange -> {
            var uri = exchange.getRequestURI().toString();
            if (!uri.contains("/referrers/")) {
                return false;
            }
            if (!uri.contains("page=2")) {
                exchange.getResponseHeaders().add("Link", "</v2/app/referrers/" + DIGEST + "?page=2>; rel=\"next\"");
            }
            FakeRegistry.answer(
                    exchange,
                    200,
                    index.formatted(uri.contains("page=2") ? "b" : "a").getBytes(StandardCharsets.UTF_8));
            return true;
        });
        other.manifest(
                "sha256-" + DIGEST.hex(),
                index.formatted("c").getBytes(StandardCharsets.UTF_8),
                "application/vnd.oci.image.index.v1+json");

        assertThat(referrers(registry)).containsExactly("a", "b");
        assertThat(referrers(other)).containsExactly("c");
    }

    private List<String> referrers(FakeRegistry from) {
        return client
                .open(List.of(new RegistryEndpoint(from.host(), "app", false, true)), Optional.empty())
                .referrers(DIGEST)
                .stream()
                .map(descriptor -> descriptor.text("digest"))
                .toList();
    }

    @Test
    void nextPageElsewhereIsRefused() {
        registry.fault(exchange -> {
            exchange.getResponseHeaders().add("Link", "<http://" + other.host() + "/x>; rel=\"next\"");
            FakeRegistry.answer(exchange, 200, "{\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        assertThatThrownBy(() -> referrers(registry)).hasMessageContaining("elsewhere");
        assertThat(other.requests()).isEmpty();
    }
}
