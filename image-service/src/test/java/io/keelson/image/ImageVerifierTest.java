package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.Finding.Outcome;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImageVerifierTest {
    @TempDir
    Path root;

    private FakeRegistry registry;
    private Node node;
    private TestImage image;
    private ImageId id;
    private final List<Digest> replaced = new ArrayList<>();

    @BeforeEach
    void pull() throws IOException {
        registry = new FakeRegistry();
        node = new Node(root);
        node.layers.tellReplaced(replaced::add);
        image = TestImage.of("one", "two").in(registry, "v1");
        id = node.pull(registry.host() + "/app:v1");
        registry.forgetRequests();
    }

    @AfterEach
    void stop() {
        node.close();
        registry.close();
    }

    private List<Finding> verify() {
        var findings = new ArrayList<Finding>();
        new ImageVerifier(node.catalog, node.layers, node.puller).verifyAll(IoBudget.UNLIMITED, findings::add);
        return findings;
    }

    private Path layerFile(int layer) {
        return node.layers.find(image.diffId(layer)).orElseThrow().file();
    }

    /** Changes one byte in the middle, as a disk might. */
    private static void damage(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private static Finding.Outcome of(List<Finding> findings, Digest what) {
        return findings.stream()
                .filter(finding -> finding.what().equals(what))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    @Test
    void whatIsAsItWasWrittenIsSoundAndNobodyIsAsked() {
        assertThat(verify()).hasSize(4).allMatch(finding -> finding.outcome() == Outcome.SOUND);
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    @Tag("P2")
    void oneDamagedLayerIsBroughtAgainAloneUnderItsName() throws IOException {
        var good = Files.readAllBytes(layerFile(1));
        var used = node.layers.usedBytes();
        damage(layerFile(1));

        var findings = verify();

        assertThat(of(findings, image.diffId(1))).isEqualTo(Outcome.REPAIRED);
        assertThat(of(findings, image.diffId(0))).isEqualTo(Outcome.SOUND);
        assertThat(registry.blobRequests())
                .singleElement()
                .matches(request -> request.path().endsWith(image.blobDigest(1).toString()));
        assertThat(layerFile(1)).hasBinaryContent(good);
        assertThat(replaced).containsExactly(image.diffId(1));
        assertThat(node.layers.usedBytes()).isEqualTo(used);
        assertThat(root.resolve("layers"))
                .isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
        assertThat(verify()).allMatch(finding -> finding.outcome() == Outcome.SOUND);
    }

    @Test
    void whoHasTheOldFileOpenKeepsIt() throws IOException {
        var file = layerFile(0);
        try (var open = Files.newInputStream(file)) {
            Files.write(file, new byte[8192]);
            assertThat(of(verify(), image.diffId(0))).isEqualTo(Outcome.REPAIRED);
            assertThat(open.readAllBytes()).containsOnly(0);
        }
    }

    @Test
    void aLayerThatNobodyHasAnyMoreIsToldAndStays() throws IOException {
        damage(layerFile(0));
        registry.without(image.blobDigest(0));

        var findings = verify();

        assertThat(findings)
                .filteredOn(finding -> finding.outcome() == Outcome.DAMAGED)
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.why()).contains("not what was written", "cannot be brought again"));
        assertThat(node.catalog.find(id.toString())).isPresent();
        assertThat(layerFile(0)).exists();
    }

    @Test
    void theNextPullBringsWhatWasFoundDamaged() throws IOException {
        damage(layerFile(0));
        registry.failing(image.blobDigest(0).toString(), 404, 1);
        assertThat(of(verify(), image.diffId(0))).isEqualTo(Outcome.DAMAGED);

        node.pull(registry.host() + "/app:v1");

        assertThat(verify()).allMatch(finding -> finding.outcome() == Outcome.SOUND);
    }

    @Test
    void documentsAreBroughtAgainToo() throws IOException {
        for (var digest : List.of(image.manifestDigest(), id.digest())) {
            damage(root.resolve("images/blobs/sha256").resolve(digest.hex()));
            assertThat(of(verify(), digest)).isEqualTo(Outcome.REPAIRED);
        }
        assertThat(verify()).allMatch(finding -> finding.outcome() == Outcome.SOUND);
    }

    /** An export needs them, and so does everybody who reads the layout. */
    @Test
    void headersAndKeptBlobsAreComparedAndBroughtAgain() throws IOException {
        damage(layerFile(1).resolveSibling("layer.headers"));
        assertThat(of(verify(), image.diffId(1))).isEqualTo(Outcome.REPAIRED);
        assertThat(verify()).allMatch(finding -> finding.outcome() == Outcome.SOUND);

        try (var keeping = Node.keepingBlobs(root.resolve("keeping"))) {
            keeping.pull(registry.host() + "/app:v1");
            var blob = root.resolve("keeping/images/blobs/sha256")
                    .resolve(image.blobDigest(0).hex());
            var bytes = keeping.catalog.documentBytes();
            var good = Files.readAllBytes(blob);
            damage(blob);
            registry.forgetRequests();

            var findings = new ArrayList<Finding>();
            var verifier = new ImageVerifier(keeping.catalog, keeping.layers, keeping.puller);
            verifier.verifyAll(IoBudget.UNLIMITED, findings::add);

            assertThat(of(findings, image.blobDigest(0))).isEqualTo(Outcome.REPAIRED);
            assertThat(of(findings, image.blobDigest(1))).isEqualTo(Outcome.SOUND);
            assertThat(blob).hasBinaryContent(good);
            assertThat(registry.blobRequests()).hasSize(1);
            assertThat(keeping.catalog.documentBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void aKillInTheMiddleOfARepairLeavesTheOldLayer() throws IOException {
        damage(layerFile(0));
        Files.createDirectories(root.resolve("layers/" + image.diffId(0).hex() + ".7.tmp"));

        node = node.restarted();

        node.layers.awaitRemovals();
        assertThat(node.catalog.find(id.toString())).isPresent();
        assertThat(root.resolve("layers"))
                .isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
        assertThat(of(verify(), image.diffId(0))).isEqualTo(Outcome.REPAIRED);
    }
}
