package io.keelson.e2e.bench;

import io.keelson.e2e.images.Image;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.Registry;
import io.keelson.e2e.images.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** An image of the machine's own files: gzip layers of equal size, made of real programs and libraries. */
final class BigImage {
    static final String REPOSITORY = "keelson/bench-big";

    private static final int LAYERS = 8;
    private static final Path FILES = Path.of("/usr");
    /** Larger files make layers of very unequal size. */
    private static final long LARGEST_FILE_BYTES = 32 << 20;

    private BigImage() {}

    /**
     * Makes it and pushes it.
     *
     * @param bytes of all layers unpacked, about; less if the machine has not as many
     */
    static void push(Registry registry, long bytes, BooleanSupplier isCancelled)
            throws IOException, InterruptedException {
        try (Stream<Path> walk = Files.walk(FILES)) {
            var files = walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(Files::isReadable)
                    .sorted()
                    .iterator();
            var layers = new ArrayList<Layer>();
            while (layers.size() < LAYERS && !isCancelled.getAsBoolean()) {
                layers.add(layer(files, bytes / LAYERS, layers.size()));
            }
            registry.pushPlain(REPOSITORY, List.of("latest"), Image.of(layers, "true"), TestImages.architecture());
        }
    }

    private static Layer layer(Iterator<Path> files, long bytes, int number) throws IOException {
        var tar = new LayerTar().directory("layer-" + number, 0755);
        var written = 0L;
        while (written < bytes && files.hasNext()) {
            var file = files.next();
            var size = Files.size(file);
            if (size <= LARGEST_FILE_BYTES) {
                tar.file("layer-" + number + file, 0644, Files.readAllBytes(file));
                written += size;
            }
        }
        return Layer.of(tar);
    }
}
