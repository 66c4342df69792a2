package io.keelson.image.compression;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Unpacks a blob. What is wrong with the blob is a {@code Failure} INVALID. */
public interface Decompressor extends AutoCloseable {
    /** Fills the direct buffer's remaining space, all of it unless the stream ends; false if it has ended before. */
    boolean fill(ByteBuffer out) throws IOException;

    @Override
    void close();
}
