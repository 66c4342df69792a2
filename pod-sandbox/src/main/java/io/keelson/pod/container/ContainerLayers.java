package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** What containers need of the layers while no daemon knows them: their processes go on without one. */
public final class ContainerLayers {
    private ContainerLayers() {}

    /**
     * The diffIDs of all layers that containers stand on or have mounted, by their records.
     *
     * @throws Failure INVALID if a record cannot be read: then nobody knows
     */
    public static Set<Digest> onDisk(ContainerPaths paths) {
        if (!Files.isDirectory(paths.records())) {
            return Set.of();
        }
        var layers = new HashSet<Digest>();
        try (var directories = Files.newDirectoryStream(paths.records())) {
            for (var directory : directories) {
                ContainerId.find(directory.getFileName().toString())
                        .ifPresent(id -> of(paths.record(id)).forEach(layers::add));
            }
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
        return layers;
    }

    /** A container without a record never ran. */
    private static Stream<Digest> of(Path record) {
        try {
            return ContainerRecord.FORMAT.find(record, ContainerRecord.MAX_BYTES).stream()
                    .map(ContainerRecord::fromJson)
                    .flatMap(ContainerRecord::layersInUse);
        } catch (Failure | IllegalArgumentException e) {
            throw new Failure(Failure.Kind.INVALID, "cannot read " + record + ": " + e.getMessage(), e);
        }
    }
}
