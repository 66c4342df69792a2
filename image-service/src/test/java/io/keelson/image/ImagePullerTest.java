package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImagePullerTest {
    @TempDir
    Path root;

    private FakeRegistry registry;
    private Node node;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        node = new Node(root);
    }

    @AfterEach
    void stop() {
        node.close();
        registry.close();
    }

    private String name(String rest) {
        return registry.host() + "/" + rest;
    }

    private static void assertFails(Failure.Kind kind, String text, ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.getMessage())
                                .isEqualTo(kind))
                .hasMessageContaining(text);
    }

    @Test
    void pulledImageIsListedByTagDigestAndId() {
        var image = TestImage.of("one", "two").in(registry, "v1");

        var id = node.pull(name("app:v1"));

        assertThat(id).isEqualTo(image.id());
        var record = node.catalog.find(name("app:v1")).orElseThrow();
        assertThat(record.repoTags()).containsExactly(name("app:v1"));
        assertThat(record.repoDigests()).containsExactly(name("app@" + image.manifestDigest()));
        assertThat(record.diffIds()).containsExactly(image.diffId(0), image.diffId(1));
        assertThat(record.sizeBytes()).isPositive();
        assertThat(node.catalog.find(id.toString())).contains(record);
        assertThat(node.catalog.find(id.digest().hex().substring(0, 12))).contains(record);
        assertThat(node.catalog.find(name("app@" + image.manifestDigest()))).contains(record);
        assertThat(node.layers.find(image.diffId(1))).isPresent();
        assertThat(node.catalog.rawConfig(record)).isEqualTo(image.config());
    }

    @Test
    void imageSurvivesARestart() {
        TestImage.of("one").in(registry, "v1");
        var id = node.pull(name("app:v1"));
        var before = node.catalog.list();

        node = node.restarted();

        assertThat(node.catalog.list()).isEqualTo(before);
        assertThat(node.catalog.find(id.toString())).isPresent();
    }

    @Test
    void imagePulledByDigestHasNoTag() {
        var image = TestImage.of("one").in(registry, "v1");
        var reference = name("app@" + image.manifestDigest());

        node.pull(reference);

        var record = node.catalog.find(reference).orElseThrow();
        assertThat(record.repoTags()).isEmpty();
        assertThat(record.repoDigests()).containsExactly(reference);
    }

    @Test
    void secondPullOfTheSameTagIsOneHead() {
        TestImage.of("one").in(registry, "v1");
        node.pull(name("app:v1"));
        registry.forgetRequests();

        node.pull(name("app:v1"));

        assertThat(registry.requests()).extracting(Request::method).containsExactly("HEAD");
    }

    @Test
    void anotherTagOfAKnownManifestIsOneHead() {
        TestImage.of("one").in(registry, "v1", "v2");
        node.pull(name("app:v1"));
        registry.forgetRequests();

        var id = node.pull(name("app:v2"));

        assertThat(registry.requests()).extracting(Request::method).containsExactly("HEAD");
        assertThat(node.catalog.find(id.toString()).orElseThrow().repoTags())
                .containsExactly(name("app:v1"), name("app:v2"));
    }

    @Test
    void sameImageFromAnotherRepositoryIsOneImageAndFetchesNoLayer() {
        var image = TestImage.of("one").in(registry, "v1");
        node.pull(name("app:v1"));
        registry.forgetRequests();

        node.pull(name("other:v1"));

        assertThat(node.catalog.list()).hasSize(1);
        assertThat(node.catalog.list().getFirst().repoTags()).containsExactly(name("app:v1"), name("other:v1"));
        assertThat(registry.blobRequests()).extracting(Request::path).containsExactly("/v2/other/blobs/" + image.id());
    }

    @Test
    void movedTagLeavesTheOldImageWithItsDigest() {
        var first = TestImage.of("one").in(registry, "v1");
        node.pull(name("app:v1"));
        TestImage.of("two").in(registry, "v1");

        var id = node.pull(name("app:v1"));

        assertThat(node.catalog.find(name("app:v1")).orElseThrow().id()).isEqualTo(id);
        var old = node.catalog.find(first.id().toString()).orElseThrow();
        assertThat(old.repoTags()).isEmpty();
        assertThat(old.repoDigests()).containsExactly(name("app@" + first.manifestDigest()));
        assertThat(node.restarted().catalog.find(name("app:v1")).orElseThrow().id())
                .isEqualTo(id);
    }

    @Test
    void twentyPullsOfOneImageFetchEachBlobOnce() {
        TestImage.of("one", "two", "three").in(registry, "v1");
        var pulls = Collections.<Callable<ImageId>>nCopies(20, () -> node.pull(name("app:v1")));

        var ids = Forks.join(pulls);

        assertThat(ids).hasSize(20).containsOnly(ids.getFirst());
        assertThat(registry.blobRequests()).hasSize(4).extracting(Request::path).doesNotHaveDuplicates();
    }

    @Test
    void twoImagesPulledAtOnceShareALayer() {
        var shared = TestImage.noise(1, 1 << 20);
        new TestImage().layer("shared", shared).layer("a", new byte[10]).in(registry, "a");
        var second =
                new TestImage().layer("shared", shared).layer("b", new byte[11]).in(registry, "b");

        Forks.join(List.<Callable<ImageId>>of(() -> node.pull(name("app:a")), () -> node.pull(name("app:b"))));

        assertThat(registry.blobRequests())
                .filteredOn(
                        request -> request.path().endsWith(second.blobDigest(0).toString()))
                .hasSize(1);
    }

    @Test
    void imageIsChosenFromAnIndexByPlatform() {
        var mine = TestImage.of("mine").in(registry, "mine");
        var foreign = TestImage.of("foreign").forArchitecture("s390x").in(registry, "foreign");
        var index = index(entry(foreign.manifest(), "s390x"), entry(mine.manifest(), mineArchitecture()));
        registry.manifest("multi", index, TestImage.OCI_INDEX);

        assertThat(node.pull(name("app:multi"))).isEqualTo(mine.id());
        assertThat(node.catalog.find(name("app:multi")).orElseThrow().repoDigests())
                .containsExactly(name("app@" + Digest.of("sha256", index)));
    }

    private static String mineArchitecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static Json entry(byte[] manifest, String architecture) {
        return entry(manifest, Json.object().put("os", "linux").put("architecture", architecture));
    }

    private static Json entry(byte[] manifest, Json.Builder platform) {
        var descriptor = TestImage.descriptor(TestImage.OCI_MANIFEST, manifest);
        return Json.object()
                .put("mediaType", descriptor.text("mediaType"))
                .put("digest", descriptor.text("digest"))
                .put("size", descriptor.number("size"))
                .put("platform", platform)
                .build();
    }

    private static byte[] index(Json... entries) {
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", TestImage.OCI_INDEX)
                .putAll("manifests", List.of(entries))
                .build()
                .toBytes();
    }

    @Test
    void indexesMayBeNestedTwiceButNotDeeper() {
        var mine = TestImage.of("mine").in(registry, "mine");
        var index = index(entry(mine.manifest(), mineArchitecture()));
        for (var depth = 1; depth <= 3; depth++) {
            registry.manifest("depth" + depth, index, TestImage.OCI_INDEX);
            index = index(TestImage.descriptor(TestImage.OCI_INDEX, index));
        }

        assertThat(node.pull(name("app:depth1"))).isEqualTo(mine.id());
        assertThat(node.pull(name("app:depth2"))).isEqualTo(mine.id());
        assertFails(Failure.Kind.INVALID, "more than 2 indexes", () -> node.pull(name("app:depth3")));
    }

    @Test
    void imageForNoPlatformOfOursIsRefusedWithThoseThereAre() {
        var foreign = TestImage.of("foreign").forArchitecture("s390x").in(registry, "single");
        registry.manifest("multi", index(entry(foreign.manifest(), "s390x")), TestImage.OCI_INDEX);

        assertFails(Failure.Kind.INVALID, "there are linux/s390x", () -> node.pull(name("app:multi")));
        assertFails(Failure.Kind.INVALID, "image is for linux/s390x", () -> node.pull(name("app:single")));
        assertThat(registry.blobRequests()).hasSize(1);
    }

    @Test
    void imageThatNeedsFeaturesOfTheSystemIsRefusedWithThem() throws IOException {
        var image = TestImage.of("one").needing("win32k").in(registry, "single");
        var platform = Json.object()
                .put("os", "linux")
                .put("architecture", mineArchitecture())
                .putTexts("os.features", List.of("win32k"));
        registry.manifest("multi", index(entry(image.manifest(), platform)), TestImage.OCI_INDEX);
        var needed = "linux/" + mineArchitecture() + " with win32k";

        assertFails(Failure.Kind.INVALID, "there are " + needed, () -> node.pull(name("app:multi")));
        assertFails(Failure.Kind.INVALID, "image is for " + needed, () -> node.pull(name("app:single")));
        assertThat(node.files()).isEmpty();
    }

    @Test
    void absentTagIsAbsent() {
        assertFails(Failure.Kind.ABSENT, "has no manifest nothing", () -> node.pull(name("app:nothing")));
    }

    @Test
    void deadRegistryIsUnavailableInTheWordsThatKubeletLooksFor() {
        var host = registry.host();
        registry.close();

        assertThatThrownBy(() -> node.pull(host + "/app:v1"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageStartingWith("RegistryUnavailable: cannot pull " + host + "/app:v1: ");
    }

    @Test
    void lyingLayerIsRefusedAndNothingIsLeft() throws IOException {
        var image = TestImage.of("one").in(registry, "v1");
        var lie = image.blob(0);
        lie[lie.length - 5] ^= 1;
        registry.blobAs(image.blobDigest(0), lie);

        assertFails(Failure.Kind.INVALID, image.diffId(0).toString(), () -> node.pull(name("app:v1")));

        assertThat(node.catalog.list()).isEmpty();
        assertThat(node.files()).isEmpty();
    }

    @Test
    void layersBesideALyingOneAreTakenBack() throws Exception {
        var image = TestImage.of("one", "two", "three").in(registry, "v1");
        var before = TestImage.of("one").in(registry, "v0");
        node.pull(name("app:v0"));
        var lie = image.blob(2);
        lie[lie.length - 5] ^= 1;
        registry.blobAs(image.blobDigest(2), lie);

        assertFails(Failure.Kind.INVALID, image.diffId(2).toString(), () -> node.pull(name("app:v1")));

        // Nobody waits for the end of a layer that is no longer wanted.
        eventually(() -> node.layers.list().size() == 1);
        assertThat(node.layers.list())
                .singleElement()
                .satisfies(layer -> assertThat(layer.diffId()).isEqualTo(before.diffId(0)));
    }

    @Test
    void layersBesideABrokenDownloadWaitForTheRetryAndTheNextRemoval() {
        var image = new TestImage()
                .layer("big", TestImage.noise(7, 300_000))
                .layer("small", new byte[10])
                .in(registry, "v1");
        registry.failing("/blobs/" + image.blobDigest(0), 500, 3);
        assertFails(Failure.Kind.UNAVAILABLE, "RegistryUnavailable", () -> node.pull(name("app:v1")));
        var kept = node.layers.list().size();

        node.pull(name("app:v1"));

        assertThat(registry.blobRequests())
                .filteredOn(
                        request -> request.path().endsWith(image.blobDigest(1).toString()))
                .hasSizeLessThanOrEqualTo(2 - kept);
    }

    @Test
    void recordThatCannotBeWrittenFailsThePullAndTheNextOneWorks() throws IOException {
        TestImage.of("one").in(registry, "v1");
        var records = root.resolve("image-records");
        Files.move(records, root.resolve("away"));
        Files.createFile(records);

        assertFails(Failure.Kind.INTERNAL, "cannot pull " + name("app:v1"), () -> node.pull(name("app:v1")));
        assertThat(node.catalog.list()).isEmpty();
        assertThat(node.layers.list()).isEmpty();

        Files.delete(records);
        Files.move(root.resolve("away"), records);
        node.pull(name("app:v1"));
    }

    @Tag("T37")
    @Test
    void layerThatUnpacksToOtherContentsIsRefused() {
        TestImage.of("one")
                .claimingDiffIds(Digest.of("sha256", new byte[] {1}).toString())
                .in(registry, "v1");

        assertFails(Failure.Kind.INVALID, "digest", () -> node.pull(name("app:v1")));
        assertThat(node.layers.list()).isEmpty();
    }

    @Test
    void lyingManifestIsRefused() {
        var image = TestImage.of("one").in(registry, "v1");
        var claimed = Digest.of("sha256", "another".getBytes(StandardCharsets.UTF_8));
        registry.manifest(claimed.toString(), image.manifest(), TestImage.OCI_MANIFEST);

        assertFails(Failure.Kind.INVALID, "is not what it says", () -> node.pull(name("app@" + claimed)));
    }

    @Test
    void sizeThatContradictsTheManifestIsRefusedBeforeTheFirstByte() {
        var image = TestImage.of("one").in(registry, "v1");
        registry.blobAs(image.blobDigest(0), TestImage.noise(1, 5000));

        assertFails(Failure.Kind.INVALID, "and the manifest says", () -> node.pull(name("app:v1")));
    }

    @Test
    void differentNumberOfLayersAndDiffIdsIsRefused() {
        TestImage.of("one")
                .claimingDiffIds(
                        Digest.of("sha256", new byte[] {1}).toString(),
                        Digest.of("sha256", new byte[] {2}).toString())
                .in(registry, "v1");

        assertFails(Failure.Kind.INVALID, "config names 2", () -> node.pull(name("app:v1")));
    }

    @Test
    void brokenDownloadIsTakenUpWhereItBroke() {
        var image = new TestImage().layer("big", TestImage.noise(7, 300_000)).in(registry, "v1");
        registry.breaking(image.blobDigest(0), 100_000, 2);

        node.pull(name("app:v1"));

        assertThat(registry.blobRequests())
                .filteredOn(
                        request -> request.path().endsWith(image.blobDigest(0).toString()))
                .extracting(Request::range)
                .hasSize(3)
                .startsWith("")
                .allSatisfy(range -> assertThat(range).matches("|bytes=[1-9][0-9]*-"));
    }

    @Test
    void serverErrorsAreRetried() {
        TestImage.of("one").in(registry, "v1");
        registry.failing("/manifests/", 503, 1, "Retry-After", "0").failing("/blobs/", 500, 2);

        node.pull(name("app:v1"));
    }

    @Test
    void persistentServerErrorsEndAsUnavailable() {
        TestImage.of("one").in(registry, "v1");
        registry.failing("/manifests/", 429, 100, "Retry-After", "1000000000");

        assertThatThrownBy(() -> node.pull(name("app:v1")))
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining("answered 429: TEST told to fail");
        assertThat(registry.requests()).hasSize(1 + Node.QUICK.tries());
    }

    @Test
    void silentRegistryIsGivenUp() {
        TestImage.of("one").in(registry, "v1");
        registry.fault(exchange -> {
            if (exchange.getRequestURI().getPath().contains("/blobs/")) {
                sleep(Duration.ofSeconds(20));
            }
            return false;
        });
        var begun = System.nanoTime();

        assertFails(Failure.Kind.UNAVAILABLE, "RegistryUnavailable", () -> node.pull(name("app:v1")));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void interruptedPullEndsAtOnceAndLeavesNothing() throws Exception {
        var image = new TestImage().layer("big", TestImage.noise(7, 300_000)).in(registry, "v1");
        var reached = new CountDownLatch(1);
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(image.blobDigest(0).toString())) {
                return false;
            }
            exchange.sendResponseHeaders(200, image.blob(0).length);
            exchange.getResponseBody().write(image.blob(0), 0, 1000);
            exchange.getResponseBody().flush();
            reached.countDown();
            sleep(Duration.ofSeconds(20));
            return true;
        });
        var thrown = new AtomicReference<Throwable>();
        var pull = Thread.ofVirtual().start(() -> {
            try {
                node.pull(name("app:v1"));
            } catch (Failure e) {
                thrown.set(e);
            }
        });
        reached.await();
        // Manifest and configuration are written beside the layer, and what is being made durable is not interrupted.
        eventually(() -> node.files().stream()
                        .filter(file -> file.matches("images/blobs/.*[0-9a-f]{64}"))
                        .count()
                == 2);

        pull.interrupt();

        assertThat(pull.join(Duration.ofSeconds(1))).isTrue();
        assertThat(thrown.get())
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.CANCELLED));
        var deadline = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        while (node.files().stream().anyMatch(file -> file.startsWith("layers")) && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertThat(node.files()).noneMatch(file -> file.startsWith("layers"));
    }

    @Test
    void basicCredentialsAreGivenWhenAskedFor() {
        var credentials = Credentials.basic("user", "secret");
        TestImage.of("one").in(registry, "v1");
        registry.protectedBy("Basic dXNlcjpzZWNyZXQ=", "Basic realm=\"test\"");

        node.pull(name("app:v1"), credentials);

        assertThat(registry.requests().getFirst().authorization()).isEmpty();
    }

    @Tag("T36")
    @Test
    void wrongCredentialsAreRefusedAlthoughAllIsHere() {
        TestImage.of("one").in(registry, "v1");
        registry.protectedBy("Basic dXNlcjpzZWNyZXQ=", "Basic realm=\"test\"");
        node.pull(name("app:v1"), Credentials.basic("user", "secret"));

        assertFails(
                Failure.Kind.UNAUTHENTICATED,
                "refused access",
                () -> node.pull(name("app:v1"), Credentials.basic("user", "wrong")));
        assertFails(Failure.Kind.UNAUTHENTICATED, "refused access", () -> node.pull(name("app:v1")));
    }

    @Test
    void bearerTokenIsFetchedOnceForAllLayersAndKept() throws IOException {
        TestImage.of("one", "two", "three").in(registry, "v1", "v2");
        registry.protectedBy(
                "Bearer t0ken",
                "Bearer realm=\"http://" + registry.host() + "/token\",service=\"reg\",scope=\"repository:app:pull\"");
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/token")) {
                return false;
            }
            FakeRegistry.answer(
                    exchange, 200, "{\"token\":\"t0ken\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        node.pull(name("app:v1"), Credentials.basic("user", "secret"));
        node.pull(name("app:v2"), Credentials.basic("user", "secret"));

        assertThat(registry.requests())
                .filteredOn(request -> request.path().startsWith("/token"))
                .singleElement()
                .satisfies(request -> {
                    assertThat(request.path()).contains("service=reg").contains("scope=repository%3Aapp%3Apull");
                    assertThat(request.authorization()).isEqualTo("Basic dXNlcjpzZWNyZXQ=");
                });
    }

    @Tag("T35")
    @Test
    void everyLimitedBodyIsLimited() {
        var huge = new byte[(4 << 20) + 1];
        registry.manifest("huge", huge, TestImage.OCI_MANIFEST);

        assertFails(Failure.Kind.EXHAUSTED, "larger than 4194304 bytes", () -> node.pull(name("app:huge")));
    }

    @Test
    void manifestsThatCouldBeReadTwoWaysAreRefused() {
        var good = new String(TestImage.of("one").in(registry, "v1").manifest(), StandardCharsets.UTF_8);
        var documents = new ArrayList<String>();
        documents.add(good.replaceFirst("\\{", "{\"manifests\":[],"));
        documents.add(good.replaceFirst("\\{", "{\"Layers\":[],"));
        documents.add(good.replaceFirst("\\{", "{\"schemaVersion\":2,"));
        documents.add("\uFEFF" + good);
        documents.add(good + "{}");
        documents.add(good.replace("\"schemaVersion\":2", "\"schemaVersion\":1"));
        documents.add(good.replace(TestImage.OCI_MANIFEST, TestImage.OCI_INDEX));
        documents.add(good.replace("\"size\":", "\"size\":-"));
        documents.add(good.replace("\"size\":", "\"size\":9223372036854775808"));
        documents.add(good.replace("sha256:", "sha256:../../"));
        documents.add("[".repeat(100_000));
        for (var document : documents) {
            registry.manifest("bad", document.getBytes(StandardCharsets.UTF_8), TestImage.OCI_MANIFEST);
            assertFails(Failure.Kind.INVALID, "cannot pull", () -> node.pull(name("app:bad")));
        }
    }

    @Test
    void pullLeavesItsTimeline() {
        var image = TestImage.of("one").in(registry, "v1");
        var id = node.pull(name("app:v1"));

        var timeline = node.catalog
                .lastPull(node.catalog.find(id.toString()).orElseThrow())
                .orElseThrow();

        var layer = timeline.objects("layers").getFirst();
        assertThat(layer.text("diffId")).isEqualTo(image.diffId(0).toString());
        assertThat(layer.text("origin")).isEqualTo("fetched");
        assertThat(layer.texts("endpoints")).containsExactly(registry.host());
        assertThat(layer.number("totalMicros")).isPositive();
    }

    private static void eventually(Callable<Boolean> condition) throws Exception {
        var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.call() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
    }
}
