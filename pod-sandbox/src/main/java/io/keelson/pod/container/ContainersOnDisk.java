package io.keelson.pod.container;

import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Optional;

/** The containers of a node by their records alone, for those who look while a daemon runs, or without one. */
public final class ContainersOnDisk {
    private ContainersOnDisk() {}

    /** Those that were complete once; records that cannot be read are for the daemon to judge. */
    public static List<Container> list(ContainerPaths paths) {
        return KnownDirectories.names(paths.records()).stream()
                .flatMap(name -> ContainerId.find(name).flatMap(id -> container(paths, id)).stream())
                .toList();
    }

    private static Optional<Container> container(ContainerPaths paths, ContainerId id) {
        try {
            var record = ContainerRecord.FORMAT
                    .find(paths.record(id), ContainerRecord.MAX_BYTES)
                    .map(ContainerRecord::fromJson);
            var status = ContainerStatus.FORMAT
                    .find(paths.status(id), ContainerRecord.MAX_BYTES)
                    .map(ContainerStatus::fromJson);
            return record.flatMap(known ->
                    status.map(current -> ContainerEntry.of(known, current).view()));
        } catch (Failure | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
