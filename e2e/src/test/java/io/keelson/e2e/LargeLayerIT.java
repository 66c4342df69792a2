package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.Compression;
import io.keelson.e2e.images.Image;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.SlowRegistry;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ImageFsInfoRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Layers that come in parts, because the registry is slow (decision 0027), from outside. */
class LargeLayerIT {
    private static final int LAYER_BYTES = 40 << 20;
    private static final long PART_BYTES = 8 << 20;

    @TempDir
    Path directory;

    @Test
    void whatCameInPartsBeforeAKillIsNotFetchedAgain() throws Exception {
        var layer = layer();
        try (var registry = new SlowRegistry(Image.of(List.of(layer), "sh"), 2);
                var node = Node.start(
                        Files.createDirectories(directory.resolve("node")), TestRegistry.daemon(), Setup.bare())) {
            var here = killedWhilePulling(registry, node);
            assertThat(here).isPositive().isLessThan(layer.stored().length);
            registry.hurry();
            node.restart();
            assertThat(used(node)).isGreaterThanOrEqualTo(here);

            Requests.pull(node.cri(), registry.reference());

            assertThat(registry.sentBytes()).isEqualTo(layer.stored().length - here);
            assertThat(node.command("image", "explain", registry.reference()).expectSuccess())
                    .containsPattern("fetched in \\d parts, " + (here >> 20) + "\\.0 MiB were here");
            assertThat(parts(node)).isEmpty();
            assertThat(used(node)).isLessThan(LAYER_BYTES + PART_BYTES);
        }
    }

    /** What does not shrink. */
    private static Layer layer() {
        var noise = new byte[LAYER_BYTES];
        new Random(27).nextBytes(noise);
        return Layer.of(new LayerTar().file("noise", 0644, noise), Compression.NONE);
    }

    /** Kills the daemon when a part is on disk; how much its record says that is. */
    private static long killedWhilePulling(SlowRegistry registry, Node node) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var pull = threads.submit(() -> Requests.pull(node.cri(), registry.reference()));
            await("a part").atMost(LifeScene.PATIENCE).until(() -> record(node).isPresent());
            node.kill();
            assertThatThrownBy(pull::get).hasCauseInstanceOf(StatusRuntimeException.class);
        }
        var parts = 0;
        for (var run : JsonMapper.shared()
                .readTree(Files.readString(record(node).orElseThrow()))
                .get("done")) {
            parts += run.get("to").asInt() - run.get("from").asInt();
        }
        return parts * PART_BYTES;
    }

    private static List<Path> parts(Node node) throws IOException {
        try (var files = Files.list(node.place().root().resolve("partial-blobs"))) {
            return files.toList();
        }
    }

    private static Optional<Path> record(Node node) throws IOException {
        return parts(node).stream()
                .filter(file -> file.toString().endsWith(".json"))
                .findFirst();
    }

    private static long used(Node node) {
        return node.cri()
                .images(Requests.DEADLINE)
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0)
                .getUsedBytes()
                .getValue();
    }
}
