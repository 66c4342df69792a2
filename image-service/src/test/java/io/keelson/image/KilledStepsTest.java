package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.ImageExporter.Format;
import io.keelson.image.layer.Advance;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.ImagePusher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on disk when a daemon is killed between two steps: the next one removes it, and the same request succeeds. */
@Timeout(60)
class KilledStepsTest {
    @TempDir
    Path directory;

    private final TestImage image = TestImage.of("one", "two");
    private FakeRegistry registry;
    private Path root;
    private Node node;
    private List<String> whole;

    @BeforeEach
    void pull() throws IOException {
        registry = new FakeRegistry();
        image.in(registry, "v1");
        root = directory.resolve("root");
        node = Node.keepingBlobs(root);
        node.pull(name());
        whole = node.files();
    }

    @AfterEach
    void stop() {
        node.close();
        registry.close();
    }

    private String name() {
        return registry.host() + "/app:v1";
    }

    private Path blob(String name) {
        return root.resolve("images/blobs/sha256").resolve(name);
    }

    private Path layer(int number, String suffix) {
        return root.resolve("layers").resolve(image.diffId(number).hex() + suffix);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** As the daemon does. */
    private void restart() {
        node = node.restarted();
        node.remover.removeUnusedLayers();
    }

    private List<Finding.Outcome> verify() {
        var findings = new ArrayList<Finding>();
        new ImageVerifier(node.catalog, node.layers, node.puller).verifyAll(IoBudget.UNLIMITED, findings::add);
        return findings.stream().map(Finding::outcome).toList();
    }

    private void assertWhole() throws IOException {
        assertThat(node.files()).isEqualTo(whole);
        assertThat(verify()).containsOnly(Finding.Outcome.SOUND);
    }

    /** The steps of a repair: the new layer half, whole, and after the two changed names. */
    @Test
    @Tag("K1")
    void ofARepair() throws IOException {
        var damaged = layer(0, "/layer.erofs");
        var bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        for (var step : List.of("half", "whole", "exchanged")) {
            var work = layer(0, ".1.tmp");
            copy(layer(0, ""), work);
            switch (step) {
                case "half" -> Files.delete(work.resolve("layer.json"));
                case "whole" -> Files.write(damaged, bytes);
                default -> Files.write(work.resolve("layer.erofs"), bytes);
            }
            restart();
            node.layers.awaitRemovals();
            assertThat(work).as(step).doesNotExist();
            if (step.equals("whole")) {
                assertThat(verify()).contains(Finding.Outcome.REPAIRED);
            }
            assertWhole();
        }
    }

    /** The steps of an import, or a pull, with kept blobs: from the first byte to just before the record. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "the archive unpacked",
                "a layer and its blob half",
                "a layer whole, its blob not yet",
                "a layer and its blob",
                "the documents as well",
                "the record beside its name"
            })
    void ofAnImport(String step) throws IOException {
        var archive = directory.resolve("archive");
        new ImageExporter(node.catalog).export(name(), archive, Format.OCI);
        var record = root.resolve("image-records");
        node.remover.remove(name());
        var nothing = node.files();
        assertThat(nothing).isEmpty();
        node.importer().importFrom(archive, Optional.of(ImageReference.parse(name())), new Advance());
        var kept = node.files();

        Files.delete(list(record).getFirst());
        switch (step) {
            case "the archive unpacked" -> {
                removeAll();
                Files.createDirectories(root.resolve("imports/packed1"));
                Files.writeString(root.resolve("imports/packed1/tar"), "half");
            }
            case "a layer and its blob half" -> {
                removeAll();
                Files.createDirectories(layer(0, ".1.tmp"));
                Files.writeString(layer(0, ".1.tmp/layer.erofs"), "half");
                Files.writeString(blob(image.blobDigest(0).hex() + ".1.incoming.tmp"), "half");
            }
            case "a layer whole, its blob not yet" -> {
                removeBlobs();
                Files.writeString(blob(image.blobDigest(0).hex() + ".1.incoming.tmp"), "whole");
            }
            case "a layer and its blob" -> Files.delete(blob(image.id().digest().hex()));
            case "the record beside its name" -> Files.writeString(record.resolve("sha256-1.json.1.tmp"), "{");
            default -> {}
        }
        restart();
        var importer = node.importer();
        assertThat(node.files()).isEmpty();
        assertThat(node.layers.usedBytes()).isZero();
        assertThat(node.catalog.documentBytes()).isZero();

        importer.importFrom(archive, Optional.of(ImageReference.parse(name())), new Advance());
        assertThat(node.files()).isEqualTo(kept);
        assertThat(verify()).containsOnly(Finding.Outcome.SOUND);
    }

    private static List<Path> list(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    private void removeAll() throws IOException {
        for (var number : List.of(0, 1)) {
            node.layers.remove(image.diffId(number));
        }
        removeBlobs();
    }

    private void removeBlobs() throws IOException {
        for (var file : list(root.resolve("images/blobs/sha256"))) {
            Files.delete(file);
        }
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void ofAnExport(Format format) throws IOException {
        var target = directory.resolve("exported");
        var beside = directory.resolve(".exported.keelson.tmp");
        if (format == Format.DIRECTORY) {
            Files.createDirectories(beside.resolve("blobs/sha256"));
            Files.writeString(beside.resolve("layer.tmp"), "half");
            Files.writeString(
                    beside.resolve("blobs/sha256").resolve(image.blobDigest(0).hex()), "half");
        } else {
            Files.writeString(beside, "half");
            Files.createDirectories(directory.resolve(".exported.keelson.tmp.layout/blobs/sha256"));
            Files.writeString(directory.resolve(".exported.keelson.tmp.layout/layer.tmp"), "half");
        }

        restart();
        new ImageExporter(node.catalog).export(name(), target, format);

        assertThat(list(directory)).containsExactlyInAnyOrder(root, target);
        assertWhole();
        node.remover.remove(name());
        assertThat(node.importer().importFrom(target, Optional.of(ImageReference.parse(name())), new Advance()))
                .containsExactly(image.id());
    }

    @Test
    void ofAPush() throws IOException {
        var copies = root.resolve("pushes");
        Files.createDirectories(copies.resolve("1/blobs/sha256"));
        Files.writeString(copies.resolve("1/layer.tmp"), "half");

        restart();
        try (var client = new RegistryClient(Node.QUICK)) {
            new ImagePush(
                    node.catalog,
                    new ImageExporter(node.catalog),
                    new ImagePusher(client, RegistryConfiguration::empty),
                    copies);
        }

        assertThat(copies).doesNotExist();
        assertWhole();
    }

    /** One that comes to a layer that is here, when it was half and when it had its name and nobody had been told. */
    @Test
    void ofABlobThatIsKept() throws IOException {
        var blob = blob(image.blobDigest(1).hex());
        Files.move(blob, blob(image.blobDigest(1).hex() + ".1.incoming.tmp"));
        restart();
        assertThat(verify()).containsOnly(Finding.Outcome.SOUND);
        node.pull(name());
        assertWhole();
        assertThat(node.catalog.documentBytes()).isEqualTo(bytes(root.resolve("images/blobs/sha256")));
    }

    private static long bytes(Path directory) throws IOException {
        var bytes = 0L;
        for (var file : list(directory)) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
