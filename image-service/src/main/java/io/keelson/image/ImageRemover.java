package io.keelson.image;

import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes images, and layers that nothing needs any more. The record goes first, durably: whatever happens after that, the image
 * is gone, and layers that were not reached are found by {@link #removeUnusedLayers} at the next start.
 */
public final class ImageRemover {
    private static final Logger log = LoggerFactory.getLogger(ImageRemover.class);

    private final ImageCatalog catalog;
    private final LayerStore layers;
    private final Consumer<Set<Digest>> layersLeft;
    private final Supplier<Set<Digest>> usedByContainers;
    private final Predicate<ImageRecord> pinned;
    private final UnusedLayers unused;
    private final InstantSource clock = InstantSource.system();

    /**
     * @param usedByContainers diffIDs of the layers under all containers, asked at each removal
     * @param pinned never removed but by name
     * @param layersLeft told of the layers that are there after a removal: the others need not stay mounted
     */
    public ImageRemover(
            ImageCatalog catalog,
            LayerStore layers,
            Supplier<Set<Digest>> usedByContainers,
            Consumer<Set<Digest>> layersLeft,
            Predicate<ImageRecord> pinned) {
        this(catalog, layers, usedByContainers, layersLeft, pinned, Duration.ZERO, 0);
    }

    /**
     * The same, and layers that nothing needs stay for a while.
     *
     * @param keptFor how long after their last use
     * @param keptBytes most, of all of them together
     */
    public ImageRemover(
            ImageCatalog catalog,
            LayerStore layers,
            Supplier<Set<Digest>> usedByContainers,
            Consumer<Set<Digest>> layersLeft,
            Predicate<ImageRecord> pinned,
            Duration keptFor,
            long keptBytes) {
        this.unused = new UnusedLayers(new UnusedLayers.Policy(keptFor, keptBytes));
        this.catalog = catalog;
        this.layers = layers;
        this.layersLeft = layersLeft;
        this.usedByContainers = usedByContainers;
        this.pinned = pinned;
        catalog.containersUse(usedByContainers);
    }

    /** Removes the image with all its names; that there is none is success (CRI v1, RemoveImage). */
    public void remove(String nameOrId) {
        catalog.remove(nameOrId).ifPresent(image -> {
            removeUnusedLayers();
            log.atInfo()
                    .addKeyValue("event", "image-removed")
                    .addKeyValue("image", image.id())
                    .addKeyValue("names", image.repoTags())
                    .log("removed image {}", image.id());
        });
    }

    /** Removes the images of which no container has all layers in use, but those that are pinned; their ids. */
    public List<ImageId> removeUnusedImages() {
        var used = usedByContainers.get();
        var unused = catalog.list().stream()
                .filter(image -> !used.containsAll(image.diffIds()) && !pinned.test(image))
                .map(ImageRecord::id)
                .toList();
        unused.forEach(id -> remove(id.toString()));
        return unused;
    }

    /**
     * Removes the layers that neither an image nor a container nor a pull under way needs, among them those that a pull left for
     * a retry that did not come, when the time is over for which they stay. For the start, once containers are known, and now and
     * then; every removal of an image does it too.
     */
    public void removeUnusedLayers() {
        remove(unused.due(catalog.unusedLayers(), clock.instant()));
    }

    /** The same, however short the time has been; and what pulls that ended have left of large blobs. */
    public void removeAllUnusedLayers() {
        catalog.partialBlobs().removeUnused();
        remove(catalog.unusedLayers().stream().map(Layer::diffId).toList());
    }

    private void remove(List<Digest> candidates) {
        catalog.removeUnusedLayers(candidates);
        layersLeft.accept(layers.list().stream().map(Layer::diffId).collect(Collectors.toSet()));
    }
}
