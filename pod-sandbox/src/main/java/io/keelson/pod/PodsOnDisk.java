package io.keelson.pod;

import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Optional;

/** The pods of a node by their records alone, for those who look while a daemon runs, or without one. */
public final class PodsOnDisk {
    private PodsOnDisk() {}

    /** Those that were ready once; records that cannot be read are for the daemon to judge. */
    public static List<Pod> list(PodPaths paths) {
        return KnownDirectories.names(paths.records()).stream()
                .flatMap(name -> PodId.find(name).flatMap(id -> pod(paths, id)).stream())
                .toList();
    }

    private static Optional<Pod> pod(PodPaths paths, PodId id) {
        try {
            var record =
                    PodRecord.FORMAT.find(paths.record(id), PodRecord.MAX_BYTES).map(PodRecord::fromJson);
            var status =
                    PodStatus.FORMAT.find(paths.status(id), PodRecord.MAX_BYTES).map(PodStatus::fromJson);
            return record.flatMap(
                    known -> status.map(current -> PodEntry.of(known, current).view()));
        } catch (Failure | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
