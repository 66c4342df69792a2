package io.keelson.image.layer;

/** Looks up names in a layer without a mount, and so with names as bytes. */
interface LayerView extends AutoCloseable {
    static LayerView of(Layer layer) {
        return layer.isTree() ? new TreeReader(layer.file()) : new ErofsReader(layer.file());
    }

    LayerEntry root();

    @Override
    void close();
}
