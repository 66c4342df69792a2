package io.keelson.image.layer;

import io.keelson.image.reference.Digest;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.TarEntry;
import java.io.IOException;
import java.util.List;

/** Where the entries of a tar go as they come. What has which name is told at the end; until then an inode is known by its slot. */
interface LayerWriter extends AutoCloseable {
    /** What became of a layer: complete. */
    record Written(long sizeBytes, Digest digest, long inodes) {}

    StoredFile file(Attributes attributes, long size) throws IOException;

    StoredFile sparseFile(Attributes attributes, long size, List<TarEntry.Segment> segments) throws IOException;

    /** The slot of the link's inode. Its permissions are those that every link on Linux has (symlink(7)). */
    int symbolicLink(Attributes attributes, byte[] target) throws IOException;

    /** A device or FIFO. */
    int special(int type, Attributes attributes, int device) throws IOException;

    /** By what {@link StoredContents} finds the contents of the inode with this slot; not 0. After {@link #finish}. */
    long position(int slot);

    Written finish(LayerTree tree, Digest diffId) throws IOException;

    /** Has what {@link #finish} completed be on disk. */
    void synchronise() throws IOException;

    @Override
    void close();
}
