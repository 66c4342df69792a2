package io.keelson.image;

import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import java.util.Set;
import java.util.function.Consumer;
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

    /**
     * @param usedByContainers diffIDs of the layers under all containers, asked at each removal
     * @param layersLeft told of the layers that are there after a removal: the others need not stay mounted
     */
    public ImageRemover(
            ImageCatalog catalog,
            LayerStore layers,
            Supplier<Set<Digest>> usedByContainers,
            Consumer<Set<Digest>> layersLeft) {
        this.catalog = catalog;
        this.layers = layers;
        this.layersLeft = layersLeft;
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

    /**
     * Removes the layers that neither an image nor a container nor a pull under way needs, among them those that a pull left for
     * a retry that did not come. For the start, once containers are known; every removal of an image does it too.
     */
    public void removeUnusedLayers() {
        catalog.removeUnusedLayers(layers.list().stream().map(Layer::diffId).toList());
        layersLeft.accept(layers.list().stream().map(Layer::diffId).collect(Collectors.toSet()));
    }
}
