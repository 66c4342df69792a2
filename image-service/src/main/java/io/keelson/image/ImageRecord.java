package io.keelson.image;

import io.keelson.image.reference.Digest;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An image on this node, complete and durable.
 *
 * @param repoTags {@code registry/repository:tag}, sorted
 * @param repoDigests {@code registry/repository@digest} as the registries named it, sorted
 * @param manifests digests of the manifest and of the indexes that led to it; their blobs are in the layout
 * @param sizeBytes of its layers on disk, manifest and config
 * @param generation grows with every record that is written: of two that claim a tag the later one has it
 */
public record ImageRecord(
        ImageId id,
        SortedSet<String> repoTags,
        SortedSet<String> repoDigests,
        Set<Digest> manifests,
        long sizeBytes,
        ImageConfig config,
        Instant pulledAt,
        long generation) {
    public ImageRecord {
        repoTags = Collections.unmodifiableSortedSet(new TreeSet<>(repoTags));
        repoDigests = Collections.unmodifiableSortedSet(new TreeSet<>(repoDigests));
        manifests = Set.copyOf(manifests);
    }

    public List<Digest> diffIds() {
        return config.diffIds();
    }
}
