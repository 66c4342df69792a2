package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeUploads;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.ImagePusher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImagePushTest {
    @TempDir
    Path root;

    private final TestImage image = TestImage.of("one", "two");
    private FakeRegistry source;
    private FakeRegistry target;
    private RegistryClient client;
    private Node node;
    private ImagePush push;

    @BeforeEach
    void start() throws IOException {
        source = new FakeRegistry();
        target = new FakeRegistry();
        client = new RegistryClient(Node.QUICK);
        node = new Node(root.resolve("node"));
        image.in(source, "v1");
        node.pull(source.host() + "/app:v1");
        push = new ImagePush(
                node.catalog,
                new ImageExporter(node.catalog),
                new ImagePusher(client, RegistryConfiguration::empty),
                root.resolve("pushes"));
    }

    @AfterEach
    void stop() {
        node.close();
        client.close();
        source.close();
        target.close();
    }

    private void push(String name) {
        push.push(source.host() + "/app:v1", ImageReference.parse(target.host() + "/" + name));
    }

    private boolean leftNothing() throws IOException {
        try (var left = Files.list(root.resolve("pushes"))) {
            return left.findAny().isEmpty();
        }
    }

    @Test
    void imageOfThisNodeIsTheSameElsewhere() throws IOException {
        target.fault(new FakeUploads(target));

        push("copy:v2");

        try (var other = new Node(root.resolve("other"))) {
            assertThat(other.pull(target.host() + "/copy:v2")).isEqualTo(image.id());
        }
        assertThat(leftNothing()).isTrue();
    }

    @Test
    void anImageWhoseBlobsAreKeptIsSentFromWhereItLies() throws IOException {
        target.fault(new FakeUploads(target));
        try (var keeping = Node.keepingBlobs(root.resolve("keeping"))) {
            var name = source.host() + "/app:v1";
            keeping.pull(name);
            var copies = root.resolve("copies");
            var sent = new ImagePush(
                            keeping.catalog,
                            new ImageExporter(keeping.catalog),
                            new ImagePusher(client, RegistryConfiguration::empty),
                            copies)
                    .push(name, ImageReference.parse(target.host() + "/kept:v2"));

            assertThat(sent.digest()).isEqualTo(image.manifestDigest());
            assertThat(copies).doesNotExist();
        }
    }

    @Test
    void failedPushLeavesNothingOnTheNode() throws IOException {
        target.failing("/uploads/", 403, 1000);

        assertThatThrownBy(() -> push("copy:v2"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.DENIED));
        assertThat(leftNothing()).isTrue();
    }

    @Test
    void imageThatIsNotHereIsAbsent() {
        assertThatThrownBy(() -> push.push("absent.example/x", ImageReference.parse(target.host() + "/x")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT));
    }
}
