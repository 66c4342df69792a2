package io.keelson.server.images;

import io.keelson.image.ImageCatalog;
import io.keelson.image.ImageExporter;
import io.keelson.image.ImageImporter;
import io.keelson.image.ImagePuller;
import io.keelson.image.ImagePush;
import io.keelson.image.ImageRemover;
import io.keelson.image.ImageVerifier;
import io.keelson.image.PinnedImages;
import io.keelson.image.layer.LayerStore;

/** What commands on images work with. */
public record ImageTools(
        ImageCatalog catalog,
        LayerStore layers,
        ImagePuller puller,
        ImageRemover remover,
        ImageVerifier verifier,
        ImageImporter importer,
        ImageExporter exporter,
        ImagePush push,
        PinnedImages pinned) {
    /** Of layers, of all that images say about themselves, and of what has come of layers in parts. */
    public long usedBytes() {
        return layers.usedBytes() + catalog.documentBytes() + catalog.partialBytes();
    }
}
