package io.keelson.pod;

import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records of pods as they lie on disk, for who looks at a node from outside of a daemon. */
public record PodRecords(PodPaths paths) {
    /** Whether there is one, of a pod that exists or is being started. */
    public boolean has(String hex) {
        return PodId.find(hex).map(paths::record).filter(Files::exists).isPresent();
    }

    /** Those that were ready once; records that cannot be read are for the daemon to judge. */
    public List<Pod> list() {
        return ids().flatMap(id -> pod(id).stream()).toList();
    }

    private Optional<Pod> pod(PodId id) {
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

    /** What is wrong with them, for people. */
    public List<String> troubles() {
        return ids().flatMap(id -> Stream.of(
                                PodRecord.FORMAT.trouble(paths.record(id), PodRecord.MAX_BYTES),
                                PodStatus.FORMAT.trouble(paths.status(id), PodRecord.MAX_BYTES))
                        .flatMap(Optional::stream))
                .toList();
    }

    private Stream<PodId> ids() {
        return KnownDirectories.names(paths.records()).stream().flatMap(name -> PodId.find(name).stream());
    }
}
