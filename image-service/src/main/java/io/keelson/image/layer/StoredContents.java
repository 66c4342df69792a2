package io.keelson.image.layer;

import java.io.IOException;
import java.io.OutputStream;

/** Contents of a layer's files, asked for in the order in which the tar had them. */
interface StoredContents extends AutoCloseable {
    static StoredContents of(Layer layer) throws IOException {
        return layer.isTree()
                ? new TreeContents(layer.file().resolveSibling(""))
                : new ErofsContents(new ErofsReader(layer.file()));
    }

    /** @param position as {@link LayerWriter#position} told it */
    void transfer(long position, OutputStream out) throws IOException;

    @Override
    default void close() {}
}
