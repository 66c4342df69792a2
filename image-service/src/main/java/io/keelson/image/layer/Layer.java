package io.keelson.image.layer;

import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.List;

/**
 * A layer on this node, complete and durable.
 *
 * @param diffId digest of its uncompressed tar, by which it is known
 * @param file the EROFS image
 * @param sizeBytes size of the file
 * @param fileDigest what LayerChecksum found when the file was written, to tell later whether it still is what it was
 * @param inodes files, directories and whiteouts in it
 * @param unpackedBytes length of the tar
 * @param impliedDirectories directories that the tar has no entry for, as LayerPath text, parents first: their
 *     attributes are those of the layers below
 */
public record Layer(
        Digest diffId,
        Path file,
        long sizeBytes,
        Digest fileDigest,
        long inodes,
        long unpackedBytes,
        List<String> impliedDirectories) {
    public Layer {
        impliedDirectories = List.copyOf(impliedDirectories);
    }

    public boolean hasImpliedDirectories() {
        return !impliedDirectories.isEmpty();
    }
}
