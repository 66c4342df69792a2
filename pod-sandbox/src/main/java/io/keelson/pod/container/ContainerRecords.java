package io.keelson.pod.container;

import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records of containers as they lie on disk, for who looks at a node from outside of a daemon. */
public record ContainerRecords(ContainerPaths paths) {
    /** Whether there is one, of a container that exists or is being made. */
    public boolean has(String hex) {
        return ContainerId.find(hex).map(paths::record).filter(Files::exists).isPresent();
    }

    /** Those that were complete once; records that cannot be read are for the daemon to judge. */
    public List<Container> list() {
        return ids().flatMap(id -> find(id).stream()).toList();
    }

    /** One of them. */
    public Optional<Container> find(String hex) {
        return ContainerId.find(hex).flatMap(this::find);
    }

    private Optional<Container> find(ContainerId id) {
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

    /** What is wrong with them, for people. */
    public List<String> troubles() {
        return ids().flatMap(id -> Stream.of(
                                ContainerRecord.FORMAT.trouble(paths.record(id), ContainerRecord.MAX_BYTES),
                                ContainerStatus.FORMAT.trouble(paths.status(id), ContainerRecord.MAX_BYTES))
                        .flatMap(Optional::stream))
                .toList();
    }

    private Stream<ContainerId> ids() {
        return KnownDirectories.names(paths.records()).stream().flatMap(name -> ContainerId.find(name).stream());
    }
}
