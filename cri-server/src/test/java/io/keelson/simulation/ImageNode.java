package io.keelson.simulation;

import io.keelson.image.ImageCatalog;
import io.keelson.image.ImagePuller;
import io.keelson.image.ImageRecord;
import io.keelson.image.ImageRemover;
import io.keelson.image.PullRequest;
import io.keelson.image.PullSettings;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerLimits;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The image service as the daemon puts it together, on a disk of whatever kind. */
final class ImageNode {
    final LayerStore layers;
    final ImageCatalog catalog;
    final ImagePuller puller;
    final ImageRemover remover;

    ImageNode(Path root, RegistryClient client) {
        this(root, client, false);
    }

    /** @param keepsBlobs whether layers' blobs are kept as they come */
    ImageNode(Path root, RegistryClient client, boolean keepsBlobs) {
        layers = LayerStore.open(root.resolve("layers"));
        // Beside the rest of a start, the order of its steps would be of chance.
        layers.awaitRemovals();
        catalog = ImageCatalog.open(root, layers, keepsBlobs);
        puller = new ImagePuller(
                catalog,
                layers,
                new LayerConverter(layers, LayerLimits.DEFAULT, !keepsBlobs, LayerKind.EROFS),
                client,
                RegistryConfiguration::empty,
                PullSettings.DEFAULT);
        remover = new ImageRemover(catalog, layers, Set::of, _ -> {}, _ -> false);
        remover.removeUnusedLayers();
        layers.awaitRemovals();
    }

    void remove(String name) {
        remover.remove(name);
        layers.awaitRemovals();
    }

    void pull(String name) {
        puller.pull(PullRequest.anonymous(name));
    }

    boolean has(String name) {
        return catalog.find(name).isPresent();
    }

    List<ImageRecord> images() {
        return catalog.list();
    }
}
