package io.keelson.image;

import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import java.util.Set;
import java.util.function.Supplier;

/** Removes images, and layers that nothing needs any more. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow with the next commits
public final class ImageRemover {
    /** @param usedByContainers diffIDs of the layers under all containers, asked at each removal */
    public ImageRemover(ImageCatalog catalog, LayerStore layers, Supplier<Set<Digest>> usedByContainers) {}

    /** Removes the image with all its names; that there is none is success (CRI v1, RemoveImage). */
    public void remove(String nameOrId) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Removes the layers that neither an image nor a container nor a pull under way needs. For the start, once containers are known. */
    public void removeUnusedLayers() {
        throw new UnsupportedOperationException("not yet");
    }
}
