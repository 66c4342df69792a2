package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.record.RecordFormat;
import io.keelson.host.record.SetAside;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImageCatalogTest {
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

    private ImageRecord pulled(String tag, String content) {
        TestImage.of(content).in(registry, tag);
        return node.catalog.find(node.pull(name(tag)).toString()).orElseThrow();
    }

    private String name(String tag) {
        return registry.host() + "/app:" + tag;
    }

    private Path record(ImageRecord image) {
        return root.resolve("image-records/sha256-" + image.id().digest().hex() + ".json");
    }

    @Test
    void findsByEveryNameAndByNothingElse() {
        var image = pulled("v1", "one");
        var hex = image.id().digest().hex();

        assertThat(node.catalog.find(hex)).contains(image);
        assertThat(node.catalog.find("sha256:" + hex)).contains(image);
        assertThat(node.catalog.find(hex.substring(0, 13))).contains(image);
        assertThat(node.catalog.find("sha256:" + hex.substring(0, 13))).contains(image);
        assertThat(node.catalog.find(image.manifests().getFirst().digest().toString()))
                .contains(image);
        assertThat(node.catalog.find(name("v2"))).isEmpty();
        assertThat(node.catalog.find("sha256:" + "0".repeat(64))).isEmpty();
        assertThat(node.catalog.find(hex.substring(0, 3))).isEmpty();
        assertThatThrownBy(() -> node.catalog.find("No:Such:Name")).isInstanceOf(Failure.class);
    }

    /** Others look for OCI's words in an OCI layout, and not all choose from an index. */
    @Test
    void whereBlobsAreKeptNamesStandForWhatOthersReadAndAllOfItGoesWithTheImage() throws IOException {
        var readable = TestImage.of("one").manifest();
        var ofDocker = TestImage.of("one").inWordsOfDocker().in(registry, "docker");
        var index = Json.object()
                .put("schemaVersion", 2)
                .putAll(
                        "manifests",
                        List.of(TestImage.descriptor(
                                TestImage.OCI_MANIFEST,
                                TestImage.of("one").in(registry, "oci").manifest())))
                .build()
                .toBytes();
        registry.manifest("index", index, TestImage.OCI_INDEX);
        var pulled = Map.of("docker", ofDocker.manifestDigest(), "index", Digest.of("sha256", index));
        for (var each : pulled.entrySet()) {
            var keeping = Node.keepingBlobs(root.resolve(each.getKey()));
            try {
                keeping.pull(name(each.getKey()));
                var files = keeping.files();
                for (var starts = 0; starts < 2; starts++) {
                    assertThat(namedManifest(keeping)).isEqualTo(readable);
                    keeping = keeping.restarted();
                    assertThat(keeping.files()).isEqualTo(files);
                }
                assertThat(keeping.catalog.get(name(each.getKey())).repoDigests())
                        .containsExactly(registry.host() + "/app@" + each.getValue());

                keeping.remover.remove(name(each.getKey()));

                assertThat(keeping.files()).isEmpty();
            } finally {
                keeping.close();
            }
        }
    }

    private static byte[] namedManifest(Node node) throws IOException {
        var layout = node.root.resolve("images");
        var named = Json.parseObject(Files.readAllBytes(layout.resolve("index.json")))
                .objects("manifests")
                .getFirst();
        assertThat(named.text("mediaType")).isEqualTo(TestImage.OCI_MANIFEST);
        return Files.readAllBytes(layout.resolve("blobs/" + named.text("digest").replace(':', '/')));
    }

    @Test
    @Tag("P2")
    void damagedRecordIsSetAsideAndTheOthersStay() throws IOException {
        var damaged = pulled("v1", "one");
        var whole = pulled("v2", "two");
        for (var contents : new String[] {"", "{", "{\"version\":2}", "\0\0\0\0"}) {
            Files.writeString(record(damaged), contents);

            node = node.restarted();

            assertThat(node.catalog.list()).extracting(ImageRecord::id).containsExactly(whole.id());
            assertThat(root.resolve("image-records"))
                    .isDirectoryContaining(path -> path.toString().endsWith(".bad"));
        }
        assertThat(node.pull(name("v1"))).isEqualTo(damaged.id());
        assertThat(node.restarted().catalog.list()).hasSize(2);
    }

    @Test
    void whatWasSetAsideIsToldUntilSomebodyDeletesIt() throws IOException {
        var damaged = pulled("v1", "one");
        var layer = node.layers.find(damaged.diffIds().getFirst()).orElseThrow();
        Files.writeString(layer.file().resolveSibling("layer.json"), "{");
        for (var restarts = 0; restarts < 2; restarts++) {
            node = node.restarted();

            assertThat(node.catalog.setAside().list())
                    .extracting(SetAside.Kept::place)
                    .containsExactly(Path.of(record(damaged) + ".bad"));
            assertThat(node.layers.setAside().list())
                    .extracting(SetAside.Kept::place)
                    .containsExactly(Path.of(layer.file().getParent() + ".bad"));
        }
    }

    @Test
    @Tag("P2")
    void flippedBitOfARecordIsSeen() throws IOException {
        var damaged = pulled("v1", "one");
        var text = Files.readString(record(damaged));
        Files.writeString(record(damaged), text.replace("v1", "v3"));

        assertThat(node.restarted().catalog.list()).isEmpty();
    }

    @Test
    void newerRecordStopsTheStartAndIsLeftAlone() throws IOException {
        var image = pulled("v1", "one");
        var format = new RecordFormat("image record", 99);
        var newer = format.seal(format.begin().put("id", image.id().toString()).build());
        Files.write(record(image), newer);

        assertThatThrownBy(node::restarted)
                .isInstanceOf(Failure.class)
                .hasMessageContaining("start the newer one again");

        assertThat(record(image)).hasBinaryContent(newer);
    }

    @Test
    void recordOfTheFirstVersionIsReadAndMigrated() throws IOException {
        var image = pulled("v1", "one");
        var sealed = Files.readString(record(image));
        Files.writeString(
                record(image),
                sealed.replaceFirst("\\{\"crc32c\":\"[0-9a-f]{8}\",", "{").replace("\"version\":2", "\"version\":1"));

        assertThat(node.restarted().catalog.list()).containsExactly(image);

        assertThat(record(image)).hasContent(sealed);
    }

    @Test
    @Tag("P2")
    void imageWithoutItsLayerIsSetAsideAndPulledAnew() {
        var image = pulled("v1", "one");
        node.layers.remove(image.diffIds().getFirst());

        node = node.restarted();

        assertThat(node.catalog.list()).isEmpty();
        assertThat(node.pull(name("v1"))).isEqualTo(image.id());
        assertThat(node.layers.find(image.diffIds().getFirst())).isPresent();
    }

    @Test
    void damagedConfigIsNoticedAndReplaced() throws IOException {
        var image = pulled("v1", "one");
        var blob = root.resolve("images/blobs/sha256/" + image.id().digest().hex());
        Files.writeString(blob, Files.readString(blob).replace("linux", "lenux"));

        node = node.restarted();

        assertThat(node.catalog.list()).isEmpty();
        node.pull(name("v1"));
        assertThat(node.restarted().catalog.list()).hasSize(1);
    }

    @Test
    void leftoversOfUnfinishedPullsAreRemovedAtTheStart() throws IOException {
        var image = pulled("v1", "one");
        var before = node.files();
        Files.writeString(root.resolve("images/blobs/sha256/" + "a".repeat(64)), "left");
        Files.writeString(root.resolve("images/blobs/sha256/" + "b".repeat(64) + ".1.tmp"), "left");
        Files.writeString(root.resolve("image-records/sha256-x.json.5.tmp"), "left");

        node = node.restarted();

        assertThat(node.files()).isEqualTo(before);
        assertThat(node.catalog.list()).containsExactly(image);
    }

    @Test
    void ofTwoRecordsWithOneTagTheLaterHasIt() throws IOException {
        var first = pulled("v1", "one");
        var old = Files.readAllBytes(record(first));
        var second = pulled("v1", "two");
        // As after a crash between the two writes that a moved tag is.
        Files.write(record(first), old);

        node = node.restarted();

        assertThat(node.catalog.find(name("v1")).orElseThrow().id()).isEqualTo(second.id());
        assertThat(node.catalog.list())
                .filteredOn(image -> image.repoTags().contains(name("v1")))
                .extracting(ImageRecord::id)
                .containsExactly(second.id());
    }

    @Test
    void layoutNamesEachTagForOtherTools() throws IOException {
        var image = pulled("v1", "one");

        var index = Json.parseObject(Files.readAllBytes(root.resolve("images/index.json")));

        var entry = index.objects("manifests").getFirst();
        assertThat(entry.text("digest"))
                .isEqualTo(image.manifests().getFirst().digest().toString());
        assertThat(entry.object("annotations").text("org.opencontainers.image.ref.name"))
                .isEqualTo(name("v1"));
        assertThat(root.resolve("images/oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    }
}
