package io.keelson.image.layer;

import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * A layer on this node, complete and durable.
 *
 * @param diffId digest of its uncompressed tar, by which it is known
 * @param file the EROFS image, or the directory with its tree
 * @param sizeBytes of the file, or of the tree on disk
 * @param fileDigest what LayerChecksum or TreeChecksum found when it was written, to tell later whether it still is what it was
 * @param inodes files, directories and whiteouts in it
 * @param unpackedBytes length of the tar
 * @param describesRoot whether the tar has an entry for the root directory itself
 * @param impliedDirectories directories that the tar has no entry for, each as text in which bytes outside printable ASCII are {@code %xx}, parents first: their
 *     attributes are those of the layers below. The root is not among them
 */
public record Layer(
        Digest diffId,
        Path file,
        long sizeBytes,
        Digest fileDigest,
        long inodes,
        long unpackedBytes,
        boolean describesRoot,
        List<String> impliedDirectories) {
    public Layer {
        impliedDirectories = List.copyOf(impliedDirectories);
    }

    /** Whether it is a directory and no file. */
    public boolean isTree() {
        return file.endsWith(LayerStore.TREE);
    }

    public boolean hasImpliedDirectories() {
        return !impliedDirectories.isEmpty();
    }
}
