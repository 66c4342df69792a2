package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.lifecycle.Forks;
import io.keelson.image.registry.FakeRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImageRemoverTest {
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

    @Test
    void removingOneTagRemovesAllNamesAndEveryFile() throws IOException {
        TestImage.of("one", "two").in(registry, "v1", "v2");
        node.pull(name("app:v1"));
        node.pull(name("app:v2"));
        node.pull(name("other:v1"));

        node.remover.remove(name("app:v2"));

        assertThat(node.catalog.find(name("app:v1"))).isEmpty();
        assertThat(node.catalog.find(name("other:v1"))).isEmpty();
        assertThat(node.files()).isEmpty();
    }

    @Test
    void removingWhatIsNotThereIsSuccess() {
        node.remover.remove("sha256:" + "0".repeat(64));
        node.remover.remove(name("app:never"));
    }

    @Test
    void fiveRemovalsAtOnceAllSucceed() throws IOException {
        TestImage.of("one").in(registry, "v1");
        var id = node.pull(name("app:v1")).toString();

        Forks.join(Collections.<Callable<Boolean>>nCopies(5, () -> {
            node.remover.remove(id);
            assertThat(node.catalog.find(id)).isEmpty();
            return true;
        }));

        assertThat(node.files()).isEmpty();
    }

    @Test
    void layerOfAnotherImageStays() {
        var first = TestImage.of("shared", "one").in(registry, "v1");
        var second = TestImage.of("shared", "two").in(registry, "v2");
        node.pull(name("app:v1"));
        node.pull(name("app:v2"));

        node.remover.remove(name("app:v1"));

        assertThat(node.layers.find(first.diffId(0))).isPresent();
        assertThat(node.layers.find(first.diffId(1))).isEmpty();
        assertThat(node.layers.find(second.diffId(1))).isPresent();
    }

    @Test
    void layersUnderAContainerStayUntilTheNextSweep() {
        var image = TestImage.of("one").in(registry, "v1");
        node.pull(name("app:v1"));
        node.usedByContainers.add(image.diffId(0));

        node.remover.remove(name("app:v1"));
        assertThat(node.layers.find(image.diffId(0))).isPresent();

        node.usedByContainers.clear();
        node.remover.removeUnusedLayers();
        assertThat(node.layers.find(image.diffId(0))).isEmpty();
    }

    @Test
    void heldImageKeepsItsLayersThoughItIsRemoved() {
        var image = TestImage.of("one").in(registry, "v1");
        node.pull(name("app:v1"));

        try (var held = node.catalog.hold(name("app:v1")).orElseThrow()) {
            node.remover.remove(name("app:v1"));
            assertThat(held.layers()).hasSize(1);
            assertThat(node.layers.find(image.diffId(0))).isPresent();
        }

        node.remover.removeUnusedLayers();
        assertThat(node.layers.find(image.diffId(0))).isEmpty();
    }

    @Test
    void removedImageCanBePulledAgain() {
        TestImage.of("one").in(registry, "v1");
        var id = node.pull(name("app:v1"));
        node.remover.remove(id.toString());

        assertThat(node.pull(name("app:v1"))).isEqualTo(id);
        assertThat(node.catalog.find(id.toString())).isPresent();
    }
}
