package io.keelson.image.layer;

import io.keelson.image.reference.Digest;
import java.io.InputStream;

/** Turns a layer's blob into a layer file in one pass. */
public final class LayerConverter {
    public LayerConverter(LayerStore store, LayerLimits limits) {}

    /** Reads the stream to its end, but does not close it. The layer is durable when this returns. */
    public Layer convert(InputStream compressed, Compression compression, Digest expectedDiffId, StageTimes times) {
        return Unfinished.<Layer>body();
    }
}
