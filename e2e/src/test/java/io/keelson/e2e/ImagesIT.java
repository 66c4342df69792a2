package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static io.keelson.e2e.TestRegistry.reference;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Image;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.RemoveImageRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Images: pulled, looked at, shared, removed. */
class ImagesIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    @TempDir
    static Path directory;

    private static Node node;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
    }

    @AfterAll
    static void end() {
        node.close();
    }

    @AfterEach
    void removeImages() {
        Requests.removeAllImages(node.cri());
    }

    @Test
    void crictlPullsThroughAMirrorLooksAndRemovesAndNothingIsLeft() throws Exception {
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);

        assertThat(node.crictl("pull", BUSYBOX).expectSuccess()).contains("Image is up to date for sha256:");

        var listed = JSON.readTree(node.crictl("images", "-o", "json").expectSuccess())
                .at("/images");
        assertThat(listed).hasSize(1);
        assertThat(listed.at("/0/repoTags/0").stringValue()).isEqualTo(BUSYBOX);
        assertThat(listed.at("/0/repoDigests/0").stringValue())
                .startsWith("registry.k8s.io/e2e-test-images/busybox@sha256:");
        var id = listed.at("/0/id").stringValue();
        var inspected = JSON.readTree(node.crictl("inspecti", id).expectSuccess());
        assertThat(inspected.at("/status/id").stringValue()).isEqualTo(id);
        assertThat(Long.parseLong(inspected.at("/status/size").asString())).isGreaterThan(1_000_000);
        assertThat(node.crictl("rmi", BUSYBOX).expectSuccess()).contains("Deleted: " + BUSYBOX);
        assertThat(JSON.readTree(node.crictl("images", "-o", "json").expectSuccess())
                        .at("/images"))
                .isEmpty();
        leftovers.assertNone();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "plain", "layers", "no-list"})
    void layersOfEveryKindArePulled(String name) {
        var id = Requests.pull(node.cri(), reference("keelson/" + name));

        assertThat(status(id).getRepoTagsList()).containsExactly(reference("keelson/" + name + ":latest"));
    }

    @Test
    void aPullByDigestHasThatDigestAndNoTag() {
        var tagged = status(Requests.pull(node.cri(), reference("keelson/plain")));
        var digest = tagged.getRepoDigests(0);
        remove(tagged.getId());

        var pulled = status(Requests.pull(node.cri(), digest));

        assertThat(pulled.getRepoTagsList()).isEmpty();
        assertThat(pulled.getRepoDigestsList()).containsExactly(digest);
        assertThat(pulled.getId()).isEqualTo(tagged.getId());
    }

    @Test
    void twentyPullsAtOnceFetchEveryBlobOnce() throws Exception {
        var repository = "keelson/layers";
        var before = blobRequests(repository).size();

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var pulls = new ArrayList<Future<String>>();
            for (var i = 0; i < 20; i++) {
                pulls.add(threads.submit((Callable<String>) () -> Requests.pull(node.cri(), reference(repository))));
            }
            var ids = new ArrayList<String>();
            for (var pull : pulls) {
                ids.add(pull.get());
            }
            assertThat(ids).hasSize(20).containsOnly(ids.getFirst());
        }

        var requests = blobRequests(repository);
        assertThat(requests.subList(before, requests.size()))
                .as("three layers and a configuration, each asked for once")
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void anImageThatIsRemovedByOneOfItsTagsIsGone() {
        var repository = reference("k8s-staging-cri-tools/test-image-tags");
        var id = Requests.pull(node.cri(), repository + ":1");
        Requests.pull(node.cri(), repository + ":2");
        assertThat(status(id).getRepoTagsList()).containsExactlyInAnyOrder(repository + ":1", repository + ":2");

        remove(repository + ":1");

        assertThat(list()).isEmpty();
    }

    @Test
    void theUserOfAnImageIsANumberOrAName() {
        var number = status(Requests.pull(node.cri(), reference("k8s-staging-cri-tools/test-image-user-uid-group")));
        var name = status(Requests.pull(node.cri(), reference("k8s-staging-cri-tools/test-image-user-username-group")));

        assertThat(number.getUid().getValue()).isEqualTo(1003);
        assertThat(number.getUsername()).isEmpty();
        assertThat(name.hasUid()).isFalse();
        assertThat(name.getUsername()).isEqualTo("www-data");
    }

    @Test
    void imagesAreThereAfterAKillAndCanBeRemoved() throws Exception {
        var id = Requests.pull(node.cri(), BUSYBOX);

        node.kill();
        node.restart();

        assertThat(list()).extracting(Image::getId).containsExactly(id);
        assertThat(Requests.pull(node.cri(), BUSYBOX)).isEqualTo(id);
        remove(id);
        assertThat(list()).isEmpty();
    }

    @Test
    void commandsAreRunByTheDaemonAndWithoutOne() throws Exception {
        var name = reference("keelson/layers:latest");
        // As at a terminal: by the daemon, which does not see it.
        var pulled = node.command("image", "pull", "--progress", name);
        var id = pulled.expectSuccess().strip();
        assertThat(pulled.stderr()).as("the line goes in the end").endsWith("\r\u001b[K");
        assertThat(status(name).getId()).isEqualTo(id);
        assertThat(node.command("image", "ls").expectSuccess()).contains(name, id.substring(7, 19));
        assertThat(node.command("image", "explain", name).expectSuccess())
                .contains("fetched", TestRegistry.server().address(), "critical path: resolve ");
        node.command("image", "tag", name, "example.test/team/app:v1").expectSuccess();
        assertThat(status(id).getRepoTagsList()).containsExactlyInAnyOrder(name, "example.test/team/app:v1");
        var archive = directory.resolve("archive.tar");
        node.command("image", "export", "--format=docker", name, archive.toString())
                .expectSuccess();

        var verified = node.command("image", "verify", "--progress", name);
        assertThat(verified.expectSuccess()).containsPattern(" sound\n[1-9]\\d* sound, 0 repaired, 0 damaged$");
        assertThat(verified.stderr()).as("the line is never in the way").endsWith("\r\u001b[K");

        node.kill();
        node.command("image", "rm", id).expectSuccess();
        var imported = node.command("image", "import", "--progress", archive.toString());
        assertThat(imported.expectSuccess()).isEqualTo(id);
        assertThat(imported.stderr()).endsWith("\r\u001b[K");
        node.restart();

        assertThat(status("example.test/team/app:v1").getId()).isEqualTo(id);
        Files.delete(archive);
    }

    /** The registry is asked for one blob, and a container that stands on the old file goes on. */
    @Test
    void aDamagedLayerIsBroughtAgainUnderARunningContainer() throws Exception {
        var name = reference("keelson/plain");
        Requests.pull(node.cri(), name);
        var pod = Requests.pod(node.place(), "damaged").build();
        var podId = Requests.run(node.cri(), pod);
        var running = Requests.start(
                node.cri(),
                podId,
                pod,
                Requests.container("c", name, List.of("sleep", "100000")).build());
        var before = blobRequests("keelson/plain").size();
        damageOneLayer();

        var said = node.command("image", "verify", "--quiet", name).expectSuccess();

        assertThat(said).contains(" repaired: ", "1 repaired, 0 damaged");
        assertThat(blobRequests("keelson/plain")).hasSize(before + 1);
        assertThat(Requests.exec(node.cri(), running, "echo", "here")
                        .getStdout()
                        .toStringUtf8())
                .isEqualTo("here\n");
        var next = Requests.start(
                node.cri(),
                podId,
                pod,
                Requests.container("d", name, List.of("sleep", "100000")).build());
        assertThat(Requests.exec(node.cri(), next, "cat", "/marker").getStdout().toStringUtf8())
                .isEqualTo("plain\n");
        Requests.removePod(node.cri(), podId);
    }

    /** The small one, which has the marker: its text is another now. */
    private static void damageOneLayer() throws Exception {
        try (var layers = Files.newDirectoryStream(node.place().root().resolve("layers"))) {
            for (var layer : layers) {
                if (layer.toString().endsWith(".tmp")) {
                    continue; // On its way out.
                }
                var file = layer.resolve("layer.erofs");
                var text = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (text.length() < 100_000 && text.contains("plain\n")) {
                    Files.writeString(file, text.replace("plain\n", "pl@in\n"), StandardCharsets.ISO_8859_1);
                }
            }
        }
    }

    private Image status(String name) {
        return node.cri()
                .images(DEADLINE)
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(name))
                        .build())
                .getImage();
    }

    private List<Image> list() {
        return node.cri()
                .images(DEADLINE)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
    }

    private void remove(String name) {
        node.cri()
                .images(DEADLINE)
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(name))
                        .build());
    }

    /** The blobs that were asked for, in order. */
    private static List<String> blobRequests(String repository) throws Exception {
        return TestRegistry.server().requests().stream()
                .filter(line -> line.contains("\"GET /v2/" + repository + "/blobs/"))
                .map(line -> line.replaceFirst(".*(sha256:[0-9a-f]{64}).*", "$1"))
                .toList();
    }
}
