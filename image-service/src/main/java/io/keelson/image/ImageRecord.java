package io.keelson.image;

import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * An image on this node, complete and durable.
 *
 * @param repoTags {@code registry/repository:tag}, sorted
 * @param repoDigests {@code registry/repository@digest} as the registries named it, sorted
 * @param manifests the manifest and the indexes that led to it; their blobs are in the layout
 * @param sizeBytes of its layers on disk, its manifests and its config
 * @param generation grows with every record that is written: of two that claim a tag the later one has it
 */
public record ImageRecord(
        ImageId id,
        NavigableSet<String> repoTags,
        NavigableSet<String> repoDigests,
        List<Descriptor> manifests,
        long sizeBytes,
        ImageConfig config,
        Instant pulledAt,
        long generation) {
    public ImageRecord {
        repoTags = Collections.unmodifiableNavigableSet(new TreeSet<>(repoTags));
        repoDigests = Collections.unmodifiableNavigableSet(new TreeSet<>(repoDigests));
        manifests = List.copyOf(manifests);
    }

    /** Of the uncompressed layers, lowest first. */
    public List<Digest> diffIds() {
        return config.diffIds();
    }

    boolean hasManifest(Digest digest) {
        return manifests.stream().anyMatch(manifest -> manifest.digest().equals(digest));
    }

    ImageRecord withoutTag(String tag, long newGeneration) {
        var left = new TreeSet<>(repoTags);
        left.remove(tag);
        return new ImageRecord(id, left, repoDigests, manifests, sizeBytes, config, pulledAt, newGeneration);
    }
}
