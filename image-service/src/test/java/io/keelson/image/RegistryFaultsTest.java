package io.keelson.image;

import static io.keelson.host.failure.Failure.Kind.ABSENT;
import static io.keelson.host.failure.Failure.Kind.EXHAUSTED;
import static io.keelson.host.failure.Failure.Kind.INVALID;
import static io.keelson.host.failure.Failure.Kind.UNAUTHENTICATED;
import static io.keelson.host.failure.Failure.Kind.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.host.failure.Failure;
import io.keelson.image.layer.Layer;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.RegistryConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What registries do wrong, a row each, and what comes of the pull: the image, or a failure of this kind with these words. After a
 * failure nothing is left on the disk or listed, and no other server has seen a secret.
 */
@Timeout(120)
class RegistryFaultsTest {
    private static final Credentials SECRET = Credentials.basic("user", "s3cret");
    private static final Credentials TOKEN = new Credentials("user", "", "s3cret", "", "");
    private static final String BASIC = "Basic dXNlcjpzM2NyZXQ=";
    private static final TestImage IMAGE = TestImage.of("one").layer("noise", TestImage.noise(7, 300_000));

    @TempDir
    Path root;

    private FakeRegistry registry;
    private FakeRegistry other;
    private Node node;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        other = new FakeRegistry();
        node = new Node(root);
        IMAGE.in(registry, "v1");
    }

    @AfterEach
    void stop() {
        node.close();
        registry.close();
        other.close();
    }

    /** Prepares the fault. */
    @FunctionalInterface
    interface Arrangement {
        void in(RegistryFaultsTest scene) throws Exception;
    }

    /** Of what kind the failure is; absent where the pull succeeds in spite of it. */
    record Row(String id, String what, Arrangement arrangement, Optional<Failure.Kind> kind, String words) {
        @Override
        public String toString() {
            return id + " " + what;
        }
    }

    private static Row succeeds(String id, String what, Arrangement arrangement) {
        return new Row(id, what, arrangement, Optional.empty(), "");
    }

    private static Row fails(String id, String what, Failure.Kind kind, String words, Arrangement arrangement) {
        return new Row(id, what, arrangement, Optional.of(kind), words);
    }

    static Stream<Row> rows() {
        return Stream.of(bodies(), ranges(), silence(), errors(), redirects(), challenges(), manifests())
                .flatMap(List::stream);
    }

    private static List<Row> bodies() {
        return List.of(
                succeeds("R01", "body is cut short", scene -> scene.registry.breaking(IMAGE.blobDigest(1), 100_000, 2)),
                fails(
                        "R02",
                        "short Content-Length",
                        INVALID,
                        "the manifest says",
                        scene -> scene.onNoise(exchange -> {
                            FakeRegistry.answer(exchange, 200, Arrays.copyOf(IMAGE.blob(1), 1000));
                        })),
                fails(
                        "R02",
                        "long Content-Length",
                        INVALID,
                        "the manifest says",
                        scene -> scene.onNoise(exchange -> {
                            FakeRegistry.answer(exchange, 200, Arrays.copyOf(IMAGE.blob(1), 400_000));
                        })),
                succeeds(
                        "R03",
                        "chunked body is broken off",
                        scene -> scene.onNoiseOnce(exchange -> {
                            exchange.sendResponseHeaders(200, 0);
                            exchange.getResponseBody().write(IMAGE.blob(1), 0, 50_000);
                            exchange.getResponseBody().flush();
                            throw new IOException("told to break");
                        })),
                fails("R04", "other content", INVALID, "is not what it says", scene -> {
                    var lie = IMAGE.blob(1);
                    lie[150_000] ^= 1;
                    scene.registry.blobAs(IMAGE.blobDigest(1), lie);
                }),
                fails(
                        "R05",
                        "more than the manifest says, unannounced",
                        INVALID,
                        "more than",
                        scene -> scene.onNoise(exchange -> {
                            exchange.sendResponseHeaders(200, 0);
                            exchange.getResponseBody().write(IMAGE.blob(1));
                            exchange.getResponseBody().write(1);
                        })),
                fails("R06", "other diffID", INVALID, "its contents have the digest", scene -> {
                    var lying = TestImage.of("two").claimingDiffIds("sha256:" + "1".repeat(64));
                    lying.in(scene.registry, "v1");
                }));
    }

    private static List<Row> ranges() {
        return List.of(
                succeeds(
                        "R07",
                        "Range is not known",
                        scene -> scene.afterABreak(exchange -> {
                            FakeRegistry.answer(exchange, 200, IMAGE.blob(1));
                        })),
                succeeds(
                        "R08",
                        "another range",
                        scene -> scene.afterABreak(exchange -> {
                            exchange.getResponseHeaders().add("Content-Range", "bytes 0-9/10");
                            FakeRegistry.answer(exchange, 206, new byte[10]);
                        })),
                succeeds(
                        "R09",
                        "416",
                        scene -> scene.afterABreak(exchange -> {
                            FakeRegistry.answer(exchange, 416, new byte[0]);
                        })),
                fails(
                        "R10",
                        "content changes before it goes on",
                        INVALID,
                        "is not what it says",
                        scene -> scene.afterABreak(exchange -> {
                            var length = IMAGE.blob(1).length;
                            var from = start(exchange);
                            exchange.getResponseHeaders().add("ETag", "\"another\"");
                            exchange.getResponseHeaders()
                                    .add("Content-Range", "bytes " + from + "-" + (length - 1) + "/" + length);
                            FakeRegistry.answer(exchange, 206, TestImage.noise(1, length - from));
                        })));
    }

    private static int start(HttpExchange exchange) {
        var range = exchange.getRequestHeaders().getFirst("Range");
        return Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }

    private static List<Row> silence() {
        return List.of(
                fails(
                        "R11",
                        "headers never come",
                        UNAVAILABLE,
                        "timed out",
                        scene -> scene.registry.fault(exchange -> {
                            sleep(Duration.ofMinutes(1));
                            return true;
                        })),
                fails(
                        "R12",
                        "a byte at a time",
                        UNAVAILABLE,
                        "no progress",
                        scene -> scene.onNoise(exchange -> {
                            exchange.sendResponseHeaders(200, IMAGE.blob(1).length);
                            for (var i = 0; i < 1000; i++) {
                                exchange.getResponseBody().write(IMAGE.blob(1)[i]);
                                exchange.getResponseBody().flush();
                                sleep(Duration.ofMillis(50));
                            }
                        })));
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Row> errors() {
        var date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(5));
        return List.of(
                succeeds(
                        "R15",
                        "429, Retry-After in seconds",
                        scene -> scene.registry.failing("manifests", 429, 1, "Retry-After", "1")),
                succeeds(
                        "R16",
                        "429, Retry-After as a date",
                        scene -> scene.registry.failing("manifests", 429, 1, "Retry-After", date)),
                succeeds(
                        "R17",
                        "429, Retry-After in 30 years",
                        scene -> scene.registry.failing("blobs", 429, 1, "Retry-After", "1000000000")),
                succeeds(
                        "R18",
                        "429, negative Retry-After",
                        scene -> scene.registry.failing("blobs", 429, 1, "Retry-After", "-5")),
                succeeds("R19", "429 alone", scene -> scene.registry.failing("blobs", 429, 2)),
                fails(
                        "R19",
                        "429 for ever",
                        UNAVAILABLE,
                        "answered 429",
                        scene -> scene.registry.failing("manifests", 429, 1000)),
                succeeds("R20", "503", scene -> scene.registry.failing("blobs", 503, 1)),
                fails(
                        "R20",
                        "503 for ever",
                        UNAVAILABLE,
                        "answered 503",
                        scene -> scene.registry.failing("blobs", 503, 1000)),
                succeeds("R21", "500 twice", scene -> scene.registry.failing("manifests", 500, 2)));
    }

    private static List<Row> redirects() {
        return List.of(
                succeeds(
                        "R22",
                        "to another host",
                        scene -> scene.redirect("http://localhost:" + scene.otherPort() + "/x/blobs/")),
                fails(
                        "R24",
                        "in a circle",
                        UNAVAILABLE,
                        "more than 10 redirects",
                        scene -> scene.redirect("/v2/app/blobs/")),
                succeeds(
                        "R25",
                        "relative",
                        scene -> scene.registry.fault(exchange -> {
                            var path = exchange.getRequestURI().getPath();
                            if (!path.startsWith("/v2/app/blobs/")) {
                                return false;
                            }
                            exchange.getResponseHeaders()
                                    .add("Location", "../../elsewhere" + path.substring("/v2/app".length()));
                            exchange.sendResponseHeaders(302, -1);
                            return true;
                        })),
                fails("R26", "to a file", UNAVAILABLE, "to a file address", scene -> scene.redirect("file:///etc/")),
                fails(
                        "R26",
                        "to a socket",
                        UNAVAILABLE,
                        "to a unix address",
                        scene -> scene.redirect("unix://%2Frun%2Fx/")),
                fails(
                        "R26",
                        "with a user",
                        UNAVAILABLE,
                        "with a user",
                        scene -> scene.redirect("http://a:b@localhost/")),
                fails("R27", "of the request for a token", UNAVAILABLE, "carries a secret", scene -> {
                    scene.bearer("http://" + scene.registry.host() + "/token");
                    scene.registry.fault(exchange -> {
                        if (!exchange.getRequestURI().getPath().equals("/token")) {
                            return false;
                        }
                        exchange.getResponseHeaders().add("Location", "http://" + scene.other.host() + "/token");
                        exchange.sendResponseHeaders(307, -1);
                        return true;
                    });
                }));
    }

    private static List<Row> challenges() {
        return List.of(
                fails(
                        "R28",
                        "realm elsewhere",
                        UNAUTHENTICATED,
                        "token",
                        scene -> scene.bearer("http://localhost:" + scene.otherPort() + "/token")),
                fails("R29", "realm is no address", UNAUTHENTICATED, "token realm", scene -> scene.bearer("::")),
                fails(
                        "R30",
                        "401 without a challenge",
                        UNAUTHENTICATED,
                        "refused access",
                        scene -> scene.registry.failing("manifests", 401, 1000)),
                fails(
                        "R30",
                        "huge challenge",
                        UNAUTHENTICATED,
                        "longer than",
                        scene -> scene.registry.failing(
                                "manifests",
                                401,
                                1000,
                                "WWW-Authenticate",
                                "Bearer realm=\"" + "x".repeat(20_000) + "\"")),
                fails(
                        "R30",
                        "parameter given twice",
                        UNAUTHENTICATED,
                        "twice",
                        scene -> scene.registry.failing(
                                "manifests",
                                401,
                                1000,
                                "WWW-Authenticate",
                                "Bearer realm=\"http://a/\",realm=\"http://b/\"")),
                succeeds("R31", "token ends in the middle", scene -> {
                    var asked = new AtomicInteger();
                    scene.registry.protectedBy(BASIC, "Basic realm=x").fault(exchange -> {
                        if (!exchange.getRequestURI().getPath().contains("/blobs/") || asked.incrementAndGet() != 3) {
                            return false;
                        }
                        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=x");
                        FakeRegistry.answer(exchange, 401, new byte[0]);
                        return true;
                    });
                }),
                fails(
                        "R32",
                        "token beyond a mebibyte",
                        EXHAUSTED,
                        "larger than 1048576",
                        scene -> scene.token(200, new byte[(1 << 20) + 1])),
                fails(
                        "R32",
                        "token of two lines",
                        UNAUTHENTICATED,
                        "no token",
                        scene -> scene.token(200, "{\"token\":\"a\\nb\"}".getBytes(StandardCharsets.UTF_8))),
                fails("R33", "scope refused", UNAUTHENTICATED, "answered 401", scene -> scene.token(401, new byte[0])),
                fails(
                        "R33",
                        "token that opens nothing",
                        UNAUTHENTICATED,
                        "refused access",
                        scene -> scene.token(200, "{\"token\":\"useless\"}".getBytes(StandardCharsets.UTF_8))));
    }

    private static List<Row> manifests() {
        return List.of(
                fails(
                        "R42",
                        "a blob is not there",
                        ABSENT,
                        IMAGE.blobDigest(1).toString(),
                        scene -> scene.registry.without(IMAGE.blobDigest(1))),
                fails(
                        "R42",
                        "the tag is not there",
                        ABSENT,
                        "has no manifest v1",
                        scene -> scene.registry.failing("manifests", 404, 1000)),
                fails(
                        "T35",
                        "endless error",
                        UNAVAILABLE,
                        "answered 500",
                        scene -> scene.registry.fault(exchange -> {
                            exchange.sendResponseHeaders(500, 0);
                            exchange.getResponseBody().write(new byte[3 << 20]);
                            return true;
                        })),
                fails(
                        "T72",
                        "Content-Encoding",
                        UNAVAILABLE,
                        "Content-Encoding",
                        scene -> scene.registry.fault(exchange -> {
                            if (exchange.getRequestURI().getPath().contains("manifests")) {
                                exchange.getResponseHeaders().add("Content-Encoding", "br");
                            }
                            return false;
                        })));
    }

    @Tag("T33")
    @Tag("T38")
    @Tag("T72")
    @ParameterizedTest
    @MethodSource("rows")
    void pullEndsAsItShould(Row row) throws Exception {
        row.arrangement().in(this);
        var name = registry.host() + "/app:v1";

        var thrown = catchThrowable(() -> assertThat(node.pull(name, row.id().equals("R27") ? TOKEN : SECRET))
                .isEqualTo(IMAGE.id()));

        assertThat(other.requests()).extracting(Request::authorization).allMatch(String::isEmpty);
        assertThat(other.requests()).extracting(Request::path).noneMatch(path -> path.contains("user"));
        if (row.kind().isEmpty()) {
            assertThat(thrown).isNull();
            return;
        }
        assertThat(thrown)
                .isInstanceOf(Failure.class)
                .hasMessageContaining(row.words())
                .hasMessageContaining(name);
        var kind = ((Failure) thrown).kind();
        assertThat(kind).as(thrown.getMessage()).isEqualTo(row.kind().get());
        assertThat(thrown.getMessage().startsWith("RegistryUnavailable: ")).isEqualTo(kind == UNAVAILABLE);
        assertThat(thrown.getMessage()).doesNotContain("s3cret").doesNotContain(BASIC.substring(6));
        assertThat(node.catalog.list()).isEmpty();
        // What was finished beside the layer that failed goes with the next removal or start, whenever it was finished.
        await().untilAsserted(() -> {
            node = node.restarted();
            node.catalog.removeUnusedLayers(
                    node.layers.list().stream().map(Layer::diffId).toList());
            assertThat(node.files()).isEmpty();
        });
    }

    @Tag("T30")
    @Test
    void addressesInAManifestAreNeverAsked() throws IOException {
        var manifest = new String(IMAGE.manifest(), StandardCharsets.UTF_8)
                .replace("\"size\"", "\"urls\":[\"http://" + other.host() + "/layer\"],\"size\"");
        registry.manifest("v1", manifest.getBytes(StandardCharsets.UTF_8), TestImage.OCI_MANIFEST)
                .without(IMAGE.blobDigest(1));

        assertThat(catchThrowable(() -> node.pull(registry.host() + "/app:v1", SECRET)))
                .hasMessageContaining("has no blob");
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void mirrorWhoseContentMakesNoSenseIsReplacedByTheRegistry() throws IOException {
        var lie = IMAGE.blob(1);
        lie[150_000] ^= 1;
        var _ = IMAGE.in(other, "v1");
        other.blobAs(IMAGE.blobDigest(1), lie);
        var conf = Files.writeString(root.resolve("registries.conf"), """
                [[registry]]
                location = "%s"
                [[registry.mirror]]
                location = "%s"
                """.formatted(registry.host(), other.host()));

        try (var mirrored = new Node(root.resolve("mirrored"), RegistryConfiguration.read(conf))) {
            assertThat(mirrored.pull(registry.host() + "/app:v1")).isEqualTo(IMAGE.id());
        }
        assertThat(registry.blobRequests()).hasSize(1);
    }

    /** What is answered to a request. */
    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private void onNoise(Answer answer) {
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(IMAGE.blobDigest(1).toString())) {
                return false;
            }
            answer.to(exchange);
            return true;
        });
    }

    private void onNoiseOnce(Answer answer) {
        var asked = new AtomicInteger();
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(IMAGE.blobDigest(1).toString())
                    || asked.incrementAndGet() > 1) {
                return false;
            }
            answer.to(exchange);
            return true;
        });
    }

    /** A connection that breaks in the middle, and this for the request of the rest. */
    private void afterABreak(Answer answer) {
        registry.breaking(IMAGE.blobDigest(1), 100_000, 1);
        onNoise(exchange -> {
            if (exchange.getRequestHeaders().containsKey("Range")) {
                answer.to(exchange);
            } else {
                FakeRegistry.answer(exchange, 200, IMAGE.blob(1));
            }
        });
    }

    private void redirect(String prefix) {
        for (var bytes : List.of(IMAGE.config(), IMAGE.blob(0), IMAGE.blob(1))) {
            other.blob(bytes);
        }
        registry.protectedBy(BASIC, "Basic realm=x").fault(exchange -> {
            var path = exchange.getRequestURI().getPath();
            if (!path.contains("/blobs/")) {
                return false;
            }
            exchange.getResponseHeaders().add("Location", prefix + path.substring(path.lastIndexOf('/') + 1));
            exchange.sendResponseHeaders(307, -1);
            return true;
        });
    }

    private void bearer(String realm) {
        registry.protectedBy("Bearer never", "Bearer realm=\"" + realm + "\",service=s");
    }

    private void token(int status, byte[] body) {
        bearer("http://" + registry.host() + "/token");
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/token")) {
                return false;
            }
            FakeRegistry.answer(exchange, status, body);
            return true;
        });
    }

    private String otherPort() {
        return other.host().substring(other.host().indexOf(':') + 1);
    }
}
