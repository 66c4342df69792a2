package io.keelson.image.layer;

import io.keelson.image.tar.ByteSource;
import java.io.IOException;

/** Takes a file's contents as the tar has them, in order, and then makes its inode. */
interface StoredFile extends ByteSource.Sink {
    /** The slot of its inode, when all contents have come. */
    int end() throws IOException;
}
