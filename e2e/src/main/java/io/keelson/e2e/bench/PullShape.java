package io.keelson.e2e.bench;

import io.keelson.e2e.images.Compression;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.StreamedLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/** Images that differ in what makes a pull slow. Contents are the machine's own programs and libraries, but for two. */
enum PullShape {
    /** What most images are like. */
    REFERENCE(Metric.PULL, Metric.IMAGE_REMOVE),
    /** Nothing to do side by side. */
    SINGLE(Metric.PULL_SINGLE, Metric.REMOVE_SINGLE),
    /** Requests and records count. */
    MANY(Metric.PULL_MANY, Metric.REMOVE_MANY),
    /** Entries count, and not bytes. */
    TINY(Metric.PULL_TINY, Metric.REMOVE_TINY),
    /** Nothing arrives, and a gibibyte is unpacked. */
    ZEROS(Metric.PULL_ZEROS, Metric.REMOVE_ZEROS),
    /** As the first, with zstd. */
    ZSTD(Metric.PULL_ZSTD, Metric.REMOVE_ZSTD);

    static final int REFERENCE_LAYERS = 8;

    private static final int MANY_LAYERS = 60;
    private static final int TINY_LAYERS = 4;
    private static final long BYTES_FOR_A_TINY_FILE = 11 << 10;
    private static final long SEED = 20_231_114;
    private static final Path FILES = Path.of("/usr");
    /** Larger files make layers of very unequal size. */
    private static final long LARGEST_FILE_BYTES = 32 << 20;

    final Metric pull;
    final Metric removal;

    PullShape(Metric pull, Metric removal) {
        this.pull = pull;
        this.removal = removal;
    }

    /** As it is called on the command line, and in the registry. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Its layers.
     *
     * @param bytes of all of them unpacked, about; less if the machine has not as many
     */
    List<Layer> layers(long bytes) throws IOException {
        return switch (this) {
            case REFERENCE -> ofFiles("layer-", REFERENCE_LAYERS, bytes, Compression.GZIP);
            case SINGLE -> ofFiles("layer-", 1, bytes, Compression.GZIP);
            case MANY -> ofFiles("layer-", MANY_LAYERS, bytes, Compression.GZIP);
            case ZSTD -> ofFiles("layer-", REFERENCE_LAYERS, bytes, Compression.ZSTD);
            case TINY -> tiny((int) (bytes / BYTES_FOR_A_TINY_FILE));
            case ZEROS -> List.of(zeros(bytes));
        };
    }

    /** @param name that all names begin with: what differs in it has no layer in common */
    static List<Layer> ofFiles(String name, int count, long bytes, Compression compression) throws IOException {
        try (Stream<Path> walk = Files.walk(FILES)) {
            var files = walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(Files::isReadable)
                    .sorted()
                    .iterator();
            var layers = new ArrayList<Layer>();
            while (layers.size() < count) {
                layers.add(ofFiles(files, bytes / count, name + layers.size(), compression));
            }
            return layers;
        }
    }

    private static Layer ofFiles(Iterator<Path> files, long bytes, String directory, Compression compression)
            throws IOException {
        var layer = new StreamedLayer(compression);
        layer.directory(directory);
        while (layer.bytes() < bytes && files.hasNext()) {
            var file = files.next();
            if (Files.size(file) <= LARGEST_FILE_BYTES) {
                layer.file(directory + file, Files.readAllBytes(file));
            }
        }
        return layer.end();
    }

    private static List<Layer> tiny(int files) throws IOException {
        var random = new Random(SEED);
        var layers = new ArrayList<Layer>();
        for (var number = 0; number < TINY_LAYERS; number++) {
            var layer = new StreamedLayer(Compression.GZIP);
            for (var file = 0; file < files / TINY_LAYERS; file++) {
                var content = new byte[random.nextInt(1000)];
                random.nextBytes(content);
                layer.file("tiny-" + number + "/" + file % 100 + "/" + file, content);
            }
            layers.add(layer.end());
        }
        return layers;
    }

    private static Layer zeros(long bytes) throws IOException {
        var layer = new StreamedLayer(Compression.GZIP);
        layer.zeros("zeros", bytes);
        return layer.end();
    }
}
