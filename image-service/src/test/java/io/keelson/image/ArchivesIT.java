package io.keelson.image;

import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.ImageExporter.Format;
import io.keelson.image.layer.Advance;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in files, both ways, with skopeo and umoci at the other end. */
@Timeout(300)
class ArchivesIT {
    private static final String NAME = "registry.test/team/app:v1";

    @TempDir
    Path directory;

    private FakeRegistry registry;
    private Node node;
    private Node other;
    private TestImage image;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        node = new Node(directory.resolve("node"));
        other = new Node(directory.resolve("other"));
        image = TestImage.of("one", "two")
                .layer("large", TestImage.noise(1, 300_000))
                .in(registry, "v1");
    }

    @AfterEach
    void stop() {
        node.close();
        other.close();
        registry.close();
    }

    private static void pull(Node where, FakeRegistry registry) {
        where.pull(registry.host() + "/app:v1");
        where.catalog.tag(registry.host() + "/app:v1", ImageReference.parse(NAME));
    }

    private Path target(Format format) {
        return directory.resolve("exported-" + format);
    }

    private Path export(Node from, Format format) {
        new ImageExporter(from.catalog).export(NAME, target(format), format);
        return target(format);
    }

    private static List<ImageId> importInto(Node into, Path path, String... name) {
        var advance = new Advance();
        var ids =
                into.importer().importFrom(path, Arrays.stream(name).findFirst().map(ImageReference::parse), advance);
        assertThat(advance.done()).isPositive().isEqualTo(advance.all());
        return ids;
    }

    private static String transport(Format format) {
        return switch (format) {
            case OCI -> "oci-archive:";
            case DIRECTORY -> "oci:";
            case DOCKER -> "docker-archive:";
        };
    }

    /** What must be here of an image that was imported. */
    private void assertWhole(Node where) {
        var found = where.catalog.find(NAME).orElseThrow();
        assertThat(found.id()).isEqualTo(image.id());
        assertThat(found.diffIds()).containsExactly(image.diffId(0), image.diffId(1), image.diffId(2));
        assertThat(found.sizeBytes()).isGreaterThan(300_000);
        assertThat(found.repoDigests()).isNotEmpty();
        var findings = new ArrayList<Finding>();
        new ImageVerifier(where.catalog, where.layers, where.puller).verify(found, IoBudget.UNLIMITED, findings::add);
        assertThat(findings).hasSize(5).allMatch(finding -> finding.outcome() == Finding.Outcome.SOUND);
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void whatIsExportedWithoutItsBlobsIsTheSameImageForSkopeoAndForUs(Format format) throws IOException {
        pull(node, registry);
        var exported = export(node, format);

        var config = shell("skopeo inspect --config --raw \"$1\"", transport(format) + exported + ":" + NAME);
        assertThat(config).isEqualTo(new String(image.config(), StandardCharsets.UTF_8));
        shell(
                "skopeo copy --quiet \"$1\" \"$2\"",
                transport(format) + exported + ":" + NAME,
                "dir:" + directory.resolve("copy"));
        assertThat(importInto(other, exported)).containsExactly(image.id());
        assertWhole(other);
        assertThat(directory).isDirectoryNotContaining(path -> path.toString().contains(".tmp"));
    }

    /** As versions stored them that did not keep headers. */
    @Test
    void whoHasNoHeadersIsToldWhatToDoAndThatHelps() throws IOException {
        pull(node, registry);
        var headers = node.layers.find(image.diffId(1)).orElseThrow().file().resolveSibling("layer.headers");
        Files.delete(headers);
        for (var format : Format.values()) {
            assertThatThrownBy(() -> export(node, format))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT))
                    .hasMessageContaining("layer " + image.diffId(1))
                    .hasMessageContaining("remove the images that have it, and pull them again");
        }
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactlyInAnyOrder(directory.resolve("node"), directory.resolve("other"));
        }

        node.remover.remove(NAME);
        pull(node, registry);

        assertThat(importInto(other, export(node, Format.OCI))).containsExactly(image.id());
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void whatIsExportedWithItsBlobsKeepsItsDigests(Format format) throws IOException {
        try (var keeping = Node.keepingBlobs(directory.resolve("keeping"))) {
            pull(keeping, registry);
            var exported = export(keeping, format);

            assertThat(importInto(other, exported)).containsExactly(image.id());
            assertWhole(other);
            if (format != Format.DOCKER) {
                assertThat(other.catalog
                                .find(NAME)
                                .orElseThrow()
                                .manifests()
                                .getFirst()
                                .digest())
                        .isEqualTo(image.manifestDigest());
            }
        }
    }

    @Test
    void theLayoutItselfIsReadByOtherToolsWhereBlobsAreKept() throws IOException {
        try (var keeping = Node.keepingBlobs(directory.resolve("keeping"))) {
            pull(keeping, registry);
            var layout = directory.resolve("keeping/images");
            var copy = directory.resolve("copy");

            shell("skopeo copy --quiet \"$1\" \"$2\"", "oci:" + layout + ":" + NAME, "dir:" + copy);
            assertThat(copy.resolve(image.blobDigest(2).hex())).hasBinaryContent(image.blob(2));
            assertThat(shell("umoci ls --layout \"$1\"", layout)).contains(NAME);
            assertThat(keeping.catalog.documentBytes()).isEqualTo(sizes(layout.resolve("blobs")));

            keeping.remover.remove(NAME);
            assertThat(sizes(layout.resolve("blobs"))).isZero();
            assertThat(keeping.catalog.documentBytes()).isZero();
        }
    }

    private static long sizes(Path tree) throws IOException {
        try (var walk = Files.walk(tree)) {
            return walk.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }

    @Test
    void blobsThatAreMissingAreFetchedWithTheNextPullAndGoWhenTheyAreNoLongerWanted() throws IOException {
        var root = directory.resolve("changing");
        try (var first = new Node(root)) {
            pull(first, registry);
        }
        registry.forgetRequests();
        try (var keeping = Node.keepingBlobs(root)) {
            var before = Files.getLastModifiedTime(
                    keeping.layers.find(image.diffId(0)).orElseThrow().file());
            keeping.pull(registry.host() + "/app:v1");
            assertThat(registry.blobRequests()).hasSize(3 + 1);
            assertThat(Files.getLastModifiedTime(
                            keeping.layers.find(image.diffId(0)).orElseThrow().file()))
                    .as("not made again")
                    .isEqualTo(before);
            assertThat(root.resolve("images/blobs/sha256")
                            .resolve(image.blobDigest(1).hex()))
                    .exists();
        }
        try (var without = new Node(root)) {
            assertThat(root.resolve("images/blobs/sha256")
                            .resolve(image.blobDigest(1).hex()))
                    .doesNotExist();
            assertThat(without.catalog.find(NAME)).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive:", "oci-archive:", "oci:"})
    void whatSkopeoWritesIsImported(String transport) throws IOException {
        pull(node, registry);
        var layout = export(node, Format.DIRECTORY);
        var made = directory.resolve("made");

        shell("skopeo copy --quiet \"$1\" \"$2\"", "oci:" + layout + ":" + NAME, transport + made + ":" + NAME);

        var ids = importInto(other, made);
        assertThat(ids).hasSize(1);
        assertThat(other.catalog.find(NAME).orElseThrow().diffIds())
                .containsExactly(image.diffId(0), image.diffId(1), image.diffId(2));
    }

    @Test
    void whatUmociWritesIsImportedByAName() throws IOException {
        var layout = directory.resolve("umoci");
        var tree = Files.createDirectories(directory.resolve("tree"));
        Files.writeString(tree.resolve("file"), "contents");
        shell(
                "umoci init --layout \"$1\"; umoci new --image \"$1:t\"; umoci insert --image \"$1:t\" \"$2\" /data",
                layout,
                tree);

        assertThatThrownBy(() -> importInto(other, layout)).hasMessageContaining("whole name");
        var ids = importInto(other, layout, NAME);

        assertThat(other.catalog.find(NAME).orElseThrow().id()).isEqualTo(ids.getFirst());
        new ImageExporter(other.catalog).export(NAME, directory.resolve("back"), Format.DIRECTORY);
        assertThat(shell("skopeo inspect --config --raw \"$1\"", "oci:" + directory.resolve("back") + ":" + NAME))
                .isEqualTo(shell("skopeo inspect --config --raw \"$1\"", "oci:" + layout + ":t"));
    }

    private void refused(Path path, Failure.Kind kind, String why) throws IOException {
        assertThatThrownBy(() -> importInto(other, path))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.getMessage())
                                .isEqualTo(kind))
                .hasMessageStartingWith("cannot import " + path)
                .hasMessageContaining(why);
        assertThat(other.files()).isEmpty();
        assertThat(other.catalog.list()).isEmpty();
    }

    @Test
    void anArchiveThatIsWrongLeavesNothing() throws IOException {
        pull(node, registry);
        var docker = Files.readAllBytes(export(node, Format.DOCKER));
        var file = directory.resolve("wrong");
        Files.write(file, Arrays.copyOf(docker, docker.length / 2));
        refused(file, Failure.Kind.INVALID, "ends within an entry");
        Files.write(file, new byte[10_000]);
        refused(file, Failure.Kind.INVALID, "neither");
        var packed = TestImage.gzip(docker);
        Files.write(file, Arrays.copyOf(packed, packed.length / 2));
        refused(file, Failure.Kind.INVALID, "");
        Files.write(file, TestImage.gzip("no archive".getBytes(StandardCharsets.UTF_8)));
        refused(file, Failure.Kind.INVALID, "neither");
        refused(directory.resolve("nowhere"), Failure.Kind.ABSENT, "no file or directory");

        // One byte of a layer, which the archive's table says nothing about: its diffID does.
        var wrong = docker.clone();
        wrong[indexOf(wrong, "two")] = 'T';
        Files.write(file, wrong);
        refused(file, Failure.Kind.INVALID, "its contents have the digest");
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void aLayoutThatIsWrongLeavesNothing() throws IOException {
        pull(node, registry);
        var layout = export(node, Format.DIRECTORY);
        var blobs = layout.resolve("blobs/sha256");
        try (var files = Files.list(blobs)) {
            for (var blob : files.toList()) {
                var whole = Files.readAllBytes(blob);
                var damaged = whole.clone();
                damaged[whole.length / 2] ^= 4;
                Files.write(blob, damaged);
                refused(layout, Failure.Kind.INVALID, "");
                Files.delete(blob);
                refused(layout, Failure.Kind.ABSENT, "");
                Files.createSymbolicLink(blob, Path.of("/etc/passwd"));
                refused(layout, Failure.Kind.ABSENT, "");
                Files.delete(blob);
                Files.write(blob, whole);
            }
        }
        importInto(other, layout);
        assertWhole(other);
    }

    @Test
    void anExportThatFailsLeavesNothingAndOverwritesNothing() throws IOException {
        pull(node, registry);
        for (var format : Format.values()) {
            Files.writeString(target(format), "mine");
            assertThatThrownBy(() -> export(node, format)).hasMessageContaining("it exists");
            assertThat(target(format)).hasContent("mine");
            Files.delete(target(format));
        }
        var layer = node.layers.find(image.diffId(1)).orElseThrow().file();
        var bytes = Files.readAllBytes(layer);
        bytes[indexOf(bytes, "two")] = 'T';
        Files.write(layer, bytes);
        for (var format : Format.values()) {
            assertThatThrownBy(() -> export(node, format)).hasMessageContaining("damaged");
        }
        assertThat(directory).isDirectoryNotContaining(path -> path.toString().contains("exported"));
        assertThatThrownBy(() -> new ImageExporter(node.catalog).export("nobody", target(Format.OCI), Format.OCI))
                .hasMessageContaining("not on this node");
    }

    /** As {@code docker load} takes them. */
    @Test
    void archivesThatArePackedAreImported() throws IOException {
        pull(node, registry);
        var packed = directory.resolve("packed");
        for (var format : List.of(Format.DOCKER, Format.OCI)) {
            var exported = export(node, format);
            for (var program : List.of("gzip", "zstd -q")) {
                shell(program + " < \"$1\" > \"$2\"", exported, packed);
                assertThat(importInto(other, packed)).containsExactly(image.id());
                assertWhole(other);
                assertThat(other.root.resolve("imports")).isEmptyDirectory();
                other.remover.remove(NAME);
                assertThat(other.files()).isEmpty();
            }
        }
    }

    @Test
    void anImportThatCannotFitIsRefusedBeforeItsFirstLayer() throws IOException {
        pull(node, registry);
        var exported = export(node, Format.DOCKER);
        var small = Files.createDirectories(directory.resolve("small"));
        shell("mount -t tmpfs -o size=200k tmpfs \"$1\"", small);
        try (var full = new Node(small)) {
            assertThatThrownBy(() -> importInto(full, exported))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED))
                    .hasMessageContaining("too full: its layers take at least");
            assertThat(full.files()).isEmpty();
        } finally {
            shell("umount \"$1\"", small);
        }
    }

    @Test
    void anImportAndAPullMakeALayerOnce() throws Exception {
        pull(node, registry);
        var exported = export(node, Format.OCI);
        registry.forgetRequests();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var imported = threads.submit(() -> importInto(other, exported));
            var pulled = threads.submit(() -> other.pull(registry.host() + "/app:v1"));
            assertThat(imported.get()).containsExactly(image.id());
            assertThat(pulled.get()).isEqualTo(image.id());
        }
        assertThat(other.layers.list()).hasSize(3);
        assertThat(other.catalog.find(NAME)).isPresent();
    }

    @Test
    void anImportedImageIsRemovedWhole() throws IOException {
        pull(node, registry);
        importInto(other, export(node, Format.OCI), "other.test/name:v2");

        assertThat(other.catalog.find("other.test/name:v2")).isPresent();
        other.remover.remove("other.test/name:v2");
        assertThat(other.files()).isEmpty();
        assertThat(other.layers.usedBytes()).isZero();
    }
}
