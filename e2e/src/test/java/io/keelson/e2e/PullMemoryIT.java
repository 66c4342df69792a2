package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon takes of the machine's memory while it pulls, with the heap that it is started with. */
class PullMemoryIT {
    private static final int PULLS = 20;
    private static final int LAYER_BYTES = 3 << 20;
    private static final long MOST_GROWTH_KIB = 96 << 10;

    @TempDir
    Path directory;

    @Test
    void twentyPullsAtOnceTakeNoMoreThanFew() throws Exception {
        try (var registry = new MemoryRegistry();
                var node = Node.start(
                        Files.createDirectories(directory.resolve("node")), TestRegistry.daemon(), Setup.bare())) {
            Requests.pull(node.cri(), registry.put("first", image(-1)));
            var names = new String[PULLS];
            for (var i = 0; i < PULLS; i++) {
                names[i] = registry.put("image" + i, image(i));
            }
            var before = residentKib(node);
            var most = new AtomicLong(before);
            var isOver = new AtomicBoolean();
            var watcher = Thread.ofVirtual().start(() -> {
                while (!isOver.get()) {
                    most.accumulateAndGet(residentKib(node), Math::max);
                    LockSupport.parkNanos(20_000_000);
                }
            });

            var ids = Together.all(PULLS, i -> Requests.pull(node.cri(), names[i]));

            isOver.set(true);
            watcher.join();
            assertThat(ids).doesNotHaveDuplicates();
            System.out.println("pulls: " + before + " KiB resident before, " + most.get() + " at most");
            assertThat(most.get() - before).as("KiB more than " + before).isLessThanOrEqualTo(MOST_GROWTH_KIB);
        }
    }

    /** Two layers that do not shrink. */
    private static List<Layer> image(int seed) {
        return List.of(layer(2 * seed), layer(2 * seed + 1));
    }

    private static Layer layer(int seed) {
        var noise = new byte[LAYER_BYTES];
        new Random(seed).nextBytes(noise);
        return Layer.of(new LayerTar().file("noise" + seed, 0644, noise));
    }

    private static long residentKib(Node node) {
        try {
            for (var line : Files.readAllLines(Path.of("/proc", Long.toString(node.pid()), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new AssertionError("no VmRSS");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
