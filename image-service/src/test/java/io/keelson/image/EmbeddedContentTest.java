package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors that carry their content along (OCI image spec, descriptor, "data"). The registry has the manifest alone. */
@Timeout(60)
class EmbeddedContentTest {
    private static final TestImage IMAGE = TestImage.of("one", "two").embedded();

    @TempDir
    Path root;

    private FakeRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private String served(byte[] manifest) {
        registry.manifest("v1", manifest, TestImage.OCI_MANIFEST);
        return registry.host() + "/app:v1";
    }

    @Test
    void contentInADescriptorIsNotFetched() {
        try (var node = new Node(root)) {
            assertThat(node.pull(served(IMAGE.manifest()))).isEqualTo(IMAGE.id());

            assertThat(registry.blobRequests()).isEmpty();
            assertThat(node.layers.find(IMAGE.diffId(0))).isPresent();
            assertThat(node.layers.find(IMAGE.diffId(1))).isPresent();
            var record = node.catalog.list().getFirst();
            assertThat(node.catalog.rawConfig(record)).isEqualTo(IMAGE.config());
        }
    }

    @Test
    void contentInADescriptorIsKeptWhereBlobsAre() throws IOException {
        try (var node = Node.keepingBlobs(root)) {
            node.pull(served(IMAGE.manifest()));
            var blob = blob(IMAGE.blobDigest(0));
            assertThat(blob).hasBinaryContent(IMAGE.blob(0));

            // The layer alone is left, as after a repair of the layout: an image that has it brings its blob back.
            Files.delete(blob);
            var other = TestImage.of("one", "three").embedded();
            registry.manifest("v2", other.manifest(), TestImage.OCI_MANIFEST);
            node.pull(registry.host() + "/app:v2");

            assertThat(blob).hasBinaryContent(IMAGE.blob(0));
            assertThat(registry.blobRequests()).isEmpty();
        }
    }

    private Path blob(Digest digest) {
        return root.resolve("images/blobs/sha256").resolve(digest.hex());
    }

    /** Whoever embeds the wrong content has made a wrong manifest: asking the registry would hide it. */
    @Test
    void contentThatIsNotWhatItsDescriptorSaysIsRefused() throws IOException {
        var right = Base64.getEncoder().encodeToString(IMAGE.blob(1));
        var wrong = Base64.getEncoder().encodeToString(TestImage.noise(1, IMAGE.blob(1).length));
        var manifest = new String(IMAGE.manifest(), StandardCharsets.UTF_8).replace(right, wrong);
        IMAGE.in(registry);
        try (var node = new Node(root)) {
            assertThatThrownBy(() -> node.pull(served(manifest.getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                    .hasMessageContaining("data of " + IMAGE.blobDigest(1) + " is not what the descriptor says");
            assertThat(registry.blobRequests()).isEmpty();
            assertThat(node.files()).isEmpty();
        }
    }
}
