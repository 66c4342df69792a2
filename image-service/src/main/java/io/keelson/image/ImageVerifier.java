package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Compares what is on disk with what was written there, and brings again what is damaged: one layer or document alone, under its own
 * name, while its users keep what they have.
 */
public final class ImageVerifier {
    private final ImageCatalog catalog;
    private final LayerStore layers;
    private final ImageRepair repair;
    private final LongAdder repairs = new LongAdder();
    private final LongAdder damages = new LongAdder();

    public ImageVerifier(ImageCatalog catalog, LayerStore layers, ImagePuller puller) {
        this.catalog = catalog;
        this.layers = layers;
        this.repair = new ImageRepair(catalog, puller);
    }

    /** How much {@link #verifyAll} reads. */
    public long bytes() {
        return catalog.list().stream().mapToLong(this::blobBytes).sum() + layerBytes(layers.list().stream());
    }

    /** How much is read of one image. */
    public long bytes(ImageRecord image) {
        return blobBytes(image) + layerBytes(layersOf(image));
    }

    private long blobBytes(ImageRecord image) {
        return catalog.keptLayers(image).stream()
                .mapToLong(layer -> layer.blob().sizeBytes())
                .sum();
    }

    private static long layerBytes(Stream<Layer> some) {
        return some.mapToLong(Layer::sizeBytes).sum();
    }

    private Stream<Layer> layersOf(ImageRecord image) {
        return image.diffIds().stream().distinct().flatMap(diffId -> layers.find(diffId).stream());
    }

    /** Everything, also layers that no image needs. */
    public void verifyAll(IoBudget budget, Consumer<Finding> findings) {
        catalog.list().forEach(image -> {
            documents(image, findings);
            blobs(image, budget, findings);
        });
        layers(layers.list().stream(), budget, findings);
    }

    /** The image's own documents and layers. */
    public void verify(ImageRecord image, IoBudget budget, Consumer<Finding> findings) {
        documents(image, findings);
        blobs(image, budget, findings);
        layers(layersOf(image), budget, findings);
    }

    private void documents(ImageRecord image, Consumer<Finding> findings) {
        for (var digest : catalog.documents(image)) {
            findings.accept(repaired(digest, catalog.documentTrouble(digest), () -> repair.document(image, digest)));
        }
    }

    /** Layers as they came, where they are kept. */
    private void blobs(ImageRecord image, IoBudget budget, Consumer<Finding> findings) {
        for (var layer : catalog.keptLayers(image)) {
            var digest = layer.blob().digest();
            findings.accept(repaired(digest, catalog.blobTrouble(digest, budget), () -> repair.layer(layer.diffId())));
        }
    }

    private void layers(Stream<Layer> some, IoBudget budget, Consumer<Finding> findings) {
        some.forEach(layer -> {
            var trouble = layers.trouble(layer, budget);
            // A removal may have come between, which is no damage.
            if (trouble.isEmpty() || layers.find(layer.diffId()).isPresent()) {
                findings.accept(
                        repaired(layer.diffId(), trouble.stream().toList(), () -> repair.layer(layer.diffId())));
            }
        });
    }

    /** How many damaged things were brought again, or could not be, since the daemon began. */
    public long count(Finding.Outcome outcome) {
        return (outcome == Finding.Outcome.REPAIRED ? repairs : damages).sum();
    }

    private Finding repaired(Digest what, List<String> trouble, Runnable repair) {
        if (trouble.isEmpty()) {
            return new Finding(what, Finding.Outcome.SOUND, "");
        }
        try {
            repair.run();
            repairs.increment();
            return new Finding(what, Finding.Outcome.REPAIRED, trouble.getFirst());
        } catch (Failure e) {
            if (e.kind() == Failure.Kind.CANCELLED) {
                throw e;
            }
            damages.increment();
            return new Finding(
                    what, Finding.Outcome.DAMAGED, trouble.getFirst() + "; cannot be brought again: " + e.getMessage());
        }
    }
}
