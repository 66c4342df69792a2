package io.keelson.image;

import io.keelson.image.layer.Layer;
import java.util.List;

/** An image whose layers stay until this is closed, even if the image is removed meanwhile. */
public interface HeldImage extends AutoCloseable {
    ImageRecord image();

    /** Lowest first. */
    List<Layer> layers();

    /** Idempotent. */
    @Override
    void close();
}
