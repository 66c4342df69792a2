package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.FakeUploads;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.ImagePusher;
import io.keelson.image.transfer.ImagePusher.Push;
import io.keelson.image.transfer.ImagePusher.Pushed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImagePusherTest {
    @TempDir
    Path root;

    private final TestContent content = new TestContent();
    private FakeRegistry registry;
    private FakeUploads uploads;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        uploads = new FakeUploads(registry);
        client = new RegistryClient(Node.QUICK);
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private Pushed push(byte[] top, String mediaType, String target, String... sources) {
        content.add(top);
        // After the faults that a test has put before it.
        registry.fault(uploads);
        return new ImagePusher(client, RegistryConfiguration::empty)
                .push(new Push(
                        ImageReference.parse(registry.host() + "/" + target),
                        new Descriptor(mediaType, Digest.of("sha256", top), top.length),
                        content,
                        List.of(sources),
                        Optional.empty()));
    }

    private Pushed push(TestImage image, String target, String... sources) {
        content.add(image, 2);
        return push(image.manifest(), TestImage.OCI_MANIFEST, target, sources);
    }

    @Test
    void pushedImageCanBePulledAndItsTagComesLast() {
        var image = TestImage.of("one", "two");

        assertThat(push(image, "app:v1")).isEqualTo(new Pushed(image.manifestDigest(), 3, 0, 0));

        assertThat(registry.requests().getLast().path()).isEqualTo("/v2/app/manifests/v1");
        try (var node = new Node(root)) {
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(image.id());
        }
    }

    @Test
    void whatIsThereIsNotSentAgain() {
        var image = TestImage.of("one", "two");
        push(image, "app:v1");
        registry.forgetRequests();

        assertThat(push(image, "app:v2")).isEqualTo(new Pushed(image.manifestDigest(), 0, 0, 3));
        assertThat(registry.requests())
                .extracting(Request::method)
                .containsExactlyInAnyOrder("HEAD", "HEAD", "HEAD", "PUT");
    }

    @Test
    void blobsOfAnotherRepositoryAreTakenOver() {
        var image = TestImage.of("one", "two");
        uploads.mountable("base", image.blobDigest(0));

        assertThat(push(image, "app:v1", "base")).isEqualTo(new Pushed(image.manifestDigest(), 2, 1, 0));
    }

    @Test
    void indexIsSentAfterItsManifests() {
        var one = TestImage.of("one", "two");
        var two = TestImage.of("one", "three");
        content.add(one, 2).add(two, 2).add(one.manifest()).add(two.manifest());
        var index = Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", TestImage.OCI_INDEX)
                .putAll(
                        "manifests",
                        List.of(
                                TestImage.descriptor(TestImage.OCI_MANIFEST, one.manifest()),
                                TestImage.descriptor(TestImage.OCI_MANIFEST, two.manifest())))
                .build()
                .toBytes();

        push(index, TestImage.OCI_INDEX, "app:v1");

        assertThat(registry.requests().stream()
                        .filter(request ->
                                request.method().equals("PUT") && request.path().contains("/manifests/"))
                        .map(Request::path))
                .containsExactly(
                        "/v2/app/manifests/" + one.manifestDigest(),
                        "/v2/app/manifests/" + two.manifestDigest(),
                        "/v2/app/manifests/v1");
    }

    @Test
    void whatRefersToAnImageIsListedUnderATagWhereTheRegistryDoesNotListIt() {
        var subject = TestImage.of("one", "two");
        push(subject, "app:v1");
        for (var type : List.of("a/one", "a/two", "a/one")) {
            push(artifact(subject, type), TestImage.OCI_MANIFEST, "app@" + digest(artifact(subject, type)));
        }

        var session = client.open(
                RegistryConfiguration.empty().endpoints(ImageReference.parse(registry.host() + "/app:v1")),
                Optional.empty());
        assertThat(session.referrers(subject.manifestDigest()))
                .extracting(entry -> entry.text("artifactType"))
                .containsExactly("a/one", "a/two");
    }

    @Test
    void registryThatListsReferrersGetsNoTag() {
        uploads.keepingReferrers();
        var subject = TestImage.of("one", "two");
        push(subject, "app:v1");
        var artifact = artifact(subject, "a/one");

        push(artifact, TestImage.OCI_MANIFEST, "app@" + digest(artifact));

        assertThat(uploads.tag("sha256-" + subject.manifestDigest().hex())).isEmpty();
    }

    private byte[] artifact(TestImage subject, String type) {
        var empty = "{}".getBytes(StandardCharsets.UTF_8);
        content.add(empty);
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", TestImage.OCI_MANIFEST)
                .put("artifactType", type)
                .put("config", TestImage.descriptor("application/vnd.oci.empty.v1+json", empty))
                .putAll("layers", List.of(TestImage.descriptor("application/vnd.oci.empty.v1+json", empty)))
                .put("subject", TestImage.descriptor(TestImage.OCI_MANIFEST, subject.manifest()))
                .build()
                .toBytes();
    }

    private static Digest digest(byte[] bytes) {
        return Digest.of("sha256", bytes);
    }

    @Test
    void failureNamesTheImageTheBlobAndTheRegistry() {
        registry.failing("/uploads/", 503, 1000);
        var image = TestImage.of("one", "two");

        assertThatThrownBy(() -> push(image, "app:v1"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageStartingWith("RegistryUnavailable: cannot push " + registry.host() + "/app:v1: blob sha256:")
                .hasMessageContaining("answered 503");
        assertThat(registry.requests()).noneMatch(request -> request.path().contains("/manifests/"));
    }

    @Test
    void deniedPushIsDenied() {
        registry.failing("/uploads/", 403, 1000);

        assertThatThrownBy(() -> push(TestImage.of("one", "two"), "app:v1"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.DENIED))
                .hasMessageStartingWith("cannot push ");
    }
}
