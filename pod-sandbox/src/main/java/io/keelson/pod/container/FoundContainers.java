package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.record.RecordFormat;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.List;
import java.util.Optional;

/** What lies where the records of containers do, read when a daemon starts. */
public final class FoundContainers {
    private final ContainerPaths paths;
    private final List<Found> all;

    private FoundContainers(ContainerPaths paths, SideBySide sideBySide) {
        this.paths = paths;
        DurableFiles.mkdirs(paths.records());
        all = sideBySide.each(KnownDirectories.children(paths.records()), this::find);
    }

    /**
     * Reads all of them.
     *
     * @param sideBySide how those are read that do not wait for each other
     * @throws Failure WRONG_STATE if a newer program wrote one of them
     */
    public static FoundContainers read(ContainerPaths paths, SideBySide sideBySide) {
        return new FoundContainers(paths, sideBySide);
    }

    List<Found> all() {
        return all;
    }

    /** What lies in a container's directory. */
    sealed interface Found {
        Path directory();

        /** Nothing ran of it yet: at most its root file system was mounted. */
        record Nothing(Path directory) implements Found {}

        record Damaged(Path directory, String why) implements Found {}

        /** @param status absent if its making had not come to its end */
        record Known(Path directory, ContainerRecord record, Optional<ContainerStatus> status) implements Found {}
    }

    private Found find(Path directory) {
        try {
            var id = new ContainerId(directory.getFileName().toString());
            var json = ContainerRecord.FORMAT.find(paths.record(id), ContainerRecord.MAX_BYTES);
            if (json.isEmpty()) {
                return new Found.Nothing(directory);
            }
            var record = ContainerRecord.fromJson(json.get());
            if (!record.id().equals(id)) {
                throw Failure.invalid("it is the record of container " + record.id());
            }
            var status = ContainerStatus.FORMAT
                    .find(paths.status(id), ContainerRecord.MAX_BYTES)
                    .map(ContainerStatus::fromJson);
            return new Found.Known(directory, record, status);
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            RecordFormat.passOnNewer(e, directory);
            return new Found.Damaged(directory, String.valueOf(e.getMessage()));
        }
    }
}
