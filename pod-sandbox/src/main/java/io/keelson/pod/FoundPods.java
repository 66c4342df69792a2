package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SideBySide;
import io.keelson.host.record.RecordFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.List;

/** What lies where the records of pods do, read when a daemon starts. */
public final class FoundPods {
    private final PodPaths paths;
    private final List<Found> all;

    private FoundPods(PodPaths paths, SideBySide sideBySide) {
        this.paths = paths;
        all = sideBySide.each(children(sideBySide), this::find);
    }

    /**
     * Reads all of them; records of an older form are brought into the one of today.
     *
     * @param sideBySide how those are read that do not wait for each other
     * @throws Failure WRONG_STATE if a newer program wrote one of them
     */
    public static FoundPods read(PodPaths paths, SideBySide sideBySide) {
        return new FoundPods(paths, sideBySide);
    }

    List<Found> all() {
        return all;
    }

    /** One of them. */
    sealed interface Found {
        Path path();

        /** Nobody's: a file that was being written, or the directory of a pod whose journal is gone. */
        record Nothing(Path path) implements Found {}

        /** The directory of a pod that has a journal. */
        record Directory(Path path) implements Found {}

        record Damaged(Path path, String why) implements Found {}

        record Unfinished(Path path, PodRecord record) implements Found {}

        record Whole(Path path, PodRecord record, PodStatus status) implements Found {}
    }

    private Found find(Path path) {
        var name = path.getFileName().toString();
        if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
            return new Found.Nothing(path);
        }
        var directoryOf = PodId.find(name);
        if (directoryOf.isPresent()) {
            return Files.notExists(paths.journal(directoryOf.get()).file())
                    ? new Found.Nothing(path)
                    : new Found.Directory(path);
        }
        return PodPaths.ownerOf(path)
                .map(id -> read(path, id))
                .orElseGet(() -> new Found.Damaged(path, "no pod has such a name"));
    }

    private Found read(Path path, PodId id) {
        try {
            var contents = paths.journal(id).find().orElseThrow(() -> Failure.invalid("it is not there any more"));
            var record = contents.record();
            if (!record.id().equals(id)) {
                throw Failure.invalid("it is the record of pod " + record.id());
            }
            return contents.status()
                    .<Found>map(status -> new Found.Whole(path, record, status))
                    .orElseGet(() -> new Found.Unfinished(path, record));
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            RecordFormat.passOnNewer(e, path);
            return new Found.Damaged(path, String.valueOf(e.getMessage()));
        }
    }

    private List<Path> children(SideBySide sideBySide) {
        DurableFiles.mkdirs(paths.records());
        var older = new OlderPodRecords(paths);
        var found = KnownDirectories.children(paths.records());
        var brought = sideBySide.each(
                found,
                path -> PodId.find(path.getFileName().toString())
                        .map(older::bring)
                        .orElse(false));
        return brought.contains(true) ? KnownDirectories.children(paths.records()) : found;
    }
}
