package io.keelson.image;

import io.keelson.host.json.Json;
import io.keelson.image.layer.LayerStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The images on this node. Questions are answered from memory, without a lock. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow with the next commits
public final class ImageCatalog {
    private ImageCatalog() {}

    /**
     * Reads the records below {@code root} and removes what unfinished pulls left in the layout.
     *
     * @param root holds {@code images} (the OCI layout) and {@code image-records}
     */
    public static ImageCatalog open(Path root, LayerStore layers) {
        throw new UnsupportedOperationException("not yet");
    }

    /** By id, with or without {@code sha256:}, a prefix of it that fits one image only, a tag, or a digest reference. */
    public Optional<ImageRecord> find(String nameOrId) {
        throw new UnsupportedOperationException("not yet");
    }

    public List<ImageRecord> list() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Finds the image and keeps its layers until the answer is closed: for the time until a container's own record names them. */
    public Optional<HeldImage> hold(String nameOrId) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The image's config as its registry sent it. */
    public byte[] rawConfig(ImageRecord image) {
        throw new UnsupportedOperationException("not yet");
    }

    /** How the last pull of the image went. */
    public Optional<Json.Obj> lastPull(ImageRecord image) {
        throw new UnsupportedOperationException("not yet");
    }
}
