package io.keelson.image;

import static io.keelson.host.failure.Failure.Kind.INVALID;
import static io.keelson.host.failure.Failure.Kind.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.RangeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Large blobs that are fetched in parts: by whom, again after an interruption, and with servers that do it badly. */
@Timeout(120)
class PartsTest {
    private static final int PART = 64 << 10;
    private static final TestImage IMAGE = new TestImage().layer("noise", TestImage.noise(3, 1_000_000));
    private static final byte[] BLOB = IMAGE.blob(0);
    private static final int PARTS = (BLOB.length + PART - 1) / PART;

    @TempDir
    Path root;

    private FakeRegistry registry;
    private FakeRegistry one;
    private FakeRegistry two;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        one = new FakeRegistry();
        two = new FakeRegistry();
        for (var server : List.of(registry, one, two)) {
            IMAGE.in(server, "v1");
        }
    }

    @AfterEach
    void stop() {
        registry.close();
        one.close();
        two.close();
    }

    private static PullSettings settings(int atOnce, int waitPercent) {
        return new PullSettings(4, new RangeSettings(PART, PART, atOnce, waitPercent));
    }

    private Node node(int atOnce) {
        return new Node(root, RegistryConfiguration.empty(), settings(atOnce, 0));
    }

    private Node mirrored() throws IOException {
        var conf = Files.writeString(
                root.resolve("registries.conf"), """
                [[registry]]
                location = "%s"
                [[registry.mirror]]
                location = "%s"
                [[registry.mirror]]
                location = "%s"
                """.formatted(registry.host(), one.host(), two.host()));
        return new Node(root.resolve("node"), RegistryConfiguration.read(conf), settings(4, 0));
    }

    private String name() {
        return registry.host() + "/app:v1";
    }

    private static List<String> ranges(FakeRegistry server) {
        return server.blobRequests().stream()
                .filter(request -> request.path().contains(IMAGE.blobDigest(0).toString()))
                .map(Request::range)
                .toList();
    }

    private static String range(int part) {
        return "bytes=" + part * PART + "-" + (Math.min(BLOB.length, (part + 1) * PART) - 1);
    }

    private Json.Obj layerOf(Node node) {
        return node.catalog
                .lastPull(node.catalog.get(name()))
                .orElseThrow()
                .objects("layers")
                .getFirst();
    }

    @Test
    void everyMirrorSendsPartsAtTheSameTime() throws IOException {
        var both = new CountDownLatch(2);
        for (var mirror : List.of(one, two)) {
            var first = new AtomicInteger();
            mirror.fault(exchange -> {
                if (isPart(exchange) && first.getAndIncrement() == 0) {
                    both.countDown();
                    await(both);
                }
                return false;
            });
        }

        try (var node = mirrored()) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());

            assertThat(layerOf(node).texts("endpoints")).containsExactlyInAnyOrder(one.host(), two.host());
            assertThat(layerOf(node).number("parts")).isEqualTo(PARTS);
        }
        assertThat(ranges(registry)).as("who has mirrors is spared").isEmpty();
        assertThat(Stream.concat(ranges(one).stream(), ranges(two).stream()))
                .hasSize(PARTS)
                .doesNotHaveDuplicates();
    }

    @Test
    void mirrorsWithoutTheBlobAreReplacedByTheRegistry() throws IOException {
        one.without(IMAGE.blobDigest(0));
        two.without(IMAGE.blobDigest(0));

        try (var node = mirrored()) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());
        }
        assertThat(ranges(registry)).hasSize(PARTS).doesNotHaveDuplicates();
    }

    @Test
    void whatIsOnDiskIsNotFetchedAgainAfterARestart() throws IOException {
        var broken = 9;
        var isDown = new AtomicInteger(1);
        registry.fault(exchange -> {
            if (isDown.get() == 0 || !isBlob(exchange) || (isPart(exchange) && partOf(exchange) < broken)) {
                return false;
            }
            FakeRegistry.answer(exchange, 503, new byte[0]);
            return true;
        });
        try (var node = node(1)) {
            assertThat(catchThrowable(() -> node.pull(name())))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(UNAVAILABLE));
            assertThat(node.catalog.list()).isEmpty();
        }
        isDown.set(0);
        registry.forgetRequests();

        try (var node = node(1)) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());

            assertThat(layerOf(node).number("foundBytes")).isEqualTo((long) broken * PART);
            assertThat(layerOf(node).number("parts")).isEqualTo(PARTS - broken);
            assertThat(ranges(registry)).hasSize(PARTS - broken).startsWith(range(broken));
            assertThat(partials(node)).isEmpty();
        }
    }

    /** What is done with a request for a part. */
    @FunctionalInterface
    interface Answer {
        /** Whether there was one. */
        boolean to(HttpExchange exchange, int part) throws IOException;
    }

    record Wrong(String what, Answer answer) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Wrong> wrongServers() {
        return Stream.of(
                new Wrong("knows no ranges", (exchange, _) -> whole(exchange)),
                new Wrong("knows no ranges from the fourth on", (exchange, part) -> part >= 3 && whole(exchange)),
                new Wrong("sends another range", (exchange, part) -> part == 2 && part(exchange, part - 1, BLOB)),
                new Wrong("lies in Content-Range", (exchange, part) -> {
                    exchange.getResponseHeaders().add("Content-Range", "bytes 0-9/10");
                    FakeRegistry.answer(exchange, 206, new byte[10]);
                    return true;
                }),
                new Wrong("has other content by now", (exchange, part) -> {
                    return part >= 5 && part(exchange, part, TestImage.noise(8, BLOB.length));
                }),
                new Wrong("has other content in the first part", (exchange, part) -> {
                    return part == 0 && part(exchange, part, TestImage.noise(8, BLOB.length));
                }),
                new Wrong("fails for one part", (exchange, part) -> {
                    if (part == 4) {
                        FakeRegistry.answer(exchange, 500, new byte[0]);
                    }
                    return part == 4;
                }),
                new Wrong("has no such range", (exchange, part) -> {
                    FakeRegistry.answer(exchange, 416, new byte[0]);
                    return true;
                }),
                new Wrong("sends less than it says", (exchange, part) -> {
                    exchange.getResponseHeaders().add("Content-Range", contentRange(part));
                    FakeRegistry.answer(exchange, 206, new byte[10]);
                    return true;
                }));
    }

    @ParameterizedTest
    @MethodSource("wrongServers")
    void oneStreamIsTakenWherePartsDoNotWork(Wrong wrong) throws IOException {
        registry.fault(exchange -> isPart(exchange) && wrong.answer().to(exchange, partOf(exchange)));

        try (var node = node(4)) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());

            assertThat(partials(node)).isEmpty();
        }
        assertThat(ranges(registry)).anyMatch(range -> range.isEmpty() || range.endsWith("-"));
    }

    @Test
    void aPartThatBreaksOffGoesOnWhereItWas() throws IOException {
        var broken = new AtomicInteger();
        registry.fault(exchange -> {
            if (!isPart(exchange) || partOf(exchange) != 1 || broken.getAndIncrement() > 0) {
                return false;
            }
            exchange.getResponseHeaders().add("Content-Range", contentRange(1));
            exchange.sendResponseHeaders(206, PART);
            exchange.getResponseBody().write(BLOB, PART, 1000);
            exchange.getResponseBody().flush();
            throw new IOException("told to break");
        });

        try (var node = node(2)) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());

            assertThat(layerOf(node).number("resumes")).isEqualTo(1);
        }
        assertThat(ranges(registry)).hasSize(PARTS + 1).allMatch(range -> !range.isEmpty() && !range.endsWith("-"));
    }

    @Test
    void whatIsWrongInEveryWayIsRefusedAndLeavesNothing() throws IOException {
        registry.blobAs(IMAGE.blobDigest(0), TestImage.noise(8, BLOB.length));

        try (var node = node(4)) {
            assertThat(catchThrowable(() -> node.pull(name())))
                    .hasMessageContaining("is not what it says")
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(INVALID));

            assertThat(node.files()).isEmpty();
        }
    }

    @Test
    void oneStreamIsTakenWhereTheDiskHasNoRoomForParts() throws IOException {
        try (var node = node(4)) {
            Files.delete(root.resolve("partial-blobs"));
            Files.writeString(root.resolve("partial-blobs"), "no directory");

            assertThat(node.pull(name())).isEqualTo(IMAGE.id());
        }
        assertThat(ranges(registry)).containsExactly("");
    }

    @Test
    void aStreamThatTheConverterWaitsForIsTakenUpInParts() throws IOException {
        var first = new AtomicInteger();
        registry.fault(exchange -> {
            if (!isBlob(exchange) || first.getAndIncrement() > 0) {
                return false;
            }
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, 20_000);
            exchange.getResponseBody().flush();
            pause();
            exchange.getResponseBody().write(BLOB, 20_000, BLOB.length - 20_000);
            return true;
        });

        try (var node = new Node(root, RegistryConfiguration.empty(), settings(4, 1))) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());
        }
        assertThat(ranges(registry))
                .as("what one stream had brought is not asked for again")
                .hasSizeGreaterThan(1)
                .startsWith("")
                .doesNotContain(range(0));
    }

    @Test
    void aStreamThatIsQuickEnoughStaysOne() throws IOException {
        try (var node = new Node(root, RegistryConfiguration.empty(), settings(4, 101))) {
            assertThat(node.pull(name())).isEqualTo(IMAGE.id());
        }
        assertThat(ranges(registry)).containsExactly("");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isBlob(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().endsWith(IMAGE.blobDigest(0).toString());
    }

    private static String rangeOf(HttpExchange exchange) {
        var range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? "" : range;
    }

    /** A request for a part with both ends, as one stream never makes it. */
    private static boolean isPart(HttpExchange exchange) {
        var range = rangeOf(exchange);
        return isBlob(exchange) && !range.isEmpty() && !range.endsWith("-");
    }

    private static int partOf(HttpExchange exchange) {
        var range = rangeOf(exchange);
        return Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-'))) / PART;
    }

    private static boolean whole(HttpExchange exchange) throws IOException {
        FakeRegistry.answer(exchange, 200, BLOB);
        return true;
    }

    private static boolean part(HttpExchange exchange, int part, byte[] bytes) throws IOException {
        var from = part * PART;
        var to = Math.min(bytes.length, from + PART);
        exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
        FakeRegistry.answer(exchange, 206, Arrays.copyOfRange(bytes, from, to));
        return true;
    }

    private static String contentRange(int part) {
        var from = part * PART;
        return "bytes " + from + "-" + (Math.min(BLOB.length, from + PART) - 1) + "/" + BLOB.length;
    }

    private static List<String> partials(Node node) {
        try {
            return node.files().stream()
                    .filter(file -> file.startsWith("partial-blobs"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
