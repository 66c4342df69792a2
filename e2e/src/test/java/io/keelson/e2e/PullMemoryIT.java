package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.Compression;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon takes of the machine's memory while it pulls images of every shape, with the heap that it is started with. */
class PullMemoryIT {
    private static final int PULLS = 20;
    /** After one, the heap without a limit would be filled by half. */
    private static final int ROUNDS = 3;

    private static final long MOST_GROWTH = 96L << 20;
    private static final long MOST_HEAP = 64L << 20;

    @TempDir
    Path directory;

    /** The most of each that was seen, in bytes. */
    private final AtomicLong resident = new AtomicLong();

    private final AtomicLong heap = new AtomicLong();

    @Test
    void twentyPullsAtOnceTakeNoMoreThanFew() throws Exception {
        var metrics = directory.resolve("m.sock");
        try (var registry = new MemoryRegistry();
                var node = Node.start(
                        Files.createDirectories(directory.resolve("node")),
                        TestRegistry.daemon(),
                        Setup.bare().configured("[metrics]\nlisten = \"unix:%s\"\n".formatted(metrics)))) {
            Requests.pull(node.cri(), registry.put("first", image(-1)));
            var names = new String[PULLS];
            for (var i = 0; i < PULLS; i++) {
                names[i] = registry.put("image" + i, image(i));
            }
            look(node, metrics);
            var before = resident.get();
            var isOver = new AtomicBoolean();
            var watcher = Thread.ofVirtual().start(() -> {
                while (!isOver.get()) {
                    look(node, metrics);
                    LockSupport.parkNanos(50_000_000);
                }
            });

            for (var round = 0; round < ROUNDS; round++) {
                assertThat(Together.all(PULLS, i -> Requests.pull(node.cri(), names[i])))
                        .doesNotHaveDuplicates();
                for (var name : names) {
                    Requests.removeImage(node.cri(), name);
                }
            }

            isOver.set(true);
            watcher.join();
            System.out.printf("pulls: %d bytes resident before, %s at most; heap %s at most%n", before, resident, heap);
            assertThat(resident.get() - before).as("more than " + before).isLessThanOrEqualTo(MOST_GROWTH);
            assertThat(heap.get()).isPositive().isLessThanOrEqualTo(MOST_HEAP);
        }
    }

    /** The shapes by turns: a few layers, one that is large, many that are small, and very many names; with gzip, zstd and nothing. */
    private static List<Layer> image(int seed) {
        var compressions = List.of(Compression.values());
        var compression = compressions.get(Math.floorMod(seed, compressions.size()));
        var random = new Random(seed);
        return switch (Math.floorMod(seed, 4)) {
            case 0 -> layers(2, 3 << 20, compression, random);
            case 1 -> layers(1, 10 << 20, compression, random);
            case 2 -> layers(20, 40 << 10, compression, random);
            default -> List.of(names(10_000, compression, random));
        };
    }

    /** Of what does not shrink. */
    private static List<Layer> layers(int count, int bytes, Compression compression, Random random) {
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    var noise = new byte[bytes];
                    random.nextBytes(noise);
                    return Layer.of(new LayerTar().file("noise" + number, 0644, noise), compression);
                })
                .toList();
    }

    private static Layer names(int count, Compression compression, Random random) {
        var tar = new LayerTar();
        for (var number = 0; number < count; number++) {
            tar.file("directory" + number % 100 + "/file" + number, 0644, Long.toHexString(random.nextLong()));
        }
        return Layer.of(tar, compression);
    }

    private void look(Node node, Path metrics) {
        try {
            resident.accumulateAndGet(
                    number(Files.readString(Path.of("/proc", Long.toString(node.pid()), "status")), "VmRSS:") << 10,
                    Math::max);
            heap.accumulateAndGet(
                    number(Pages.overSocket(metrics, "/metrics"), "keelson_jvm_heap_used_bytes "), Math::max);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long number(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).replace("kB", "").strip())
                .mapToLong(value -> (long) Double.parseDouble(value))
                .findFirst()
                .orElseThrow();
    }
}
