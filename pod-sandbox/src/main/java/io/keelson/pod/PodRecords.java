package io.keelson.pod;

import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import java.nio.file.Files;
import java.time.DateTimeException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records of pods as they lie on disk, for who looks at a node from outside of a daemon. */
public record PodRecords(PodPaths paths) {
    /** Whether there is one, of a pod that exists or is being started. */
    public boolean has(String hex) {
        return PodId.find(hex)
                .map(id -> paths.journal(id).file())
                .filter(Files::exists)
                .isPresent();
    }

    /** Those that were ready once; records that cannot be read are for the daemon to judge. */
    public List<Pod> list() {
        return journals().flatMap(journal -> pod(journal).stream()).toList();
    }

    private static Optional<Pod> pod(PodJournal journal) {
        try {
            return journal.find()
                    .flatMap(contents -> contents.status()
                            .map(status ->
                                    PodEntry.of(contents.record(), status).view()));
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** What is wrong with them, for people. */
    public List<String> troubles() {
        return journals().flatMap(journal -> trouble(journal).stream()).toList();
    }

    private static Optional<String> trouble(PodJournal journal) {
        try {
            var _ = journal.find();
            return Optional.empty();
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            return Optional.of(journal.file() + ": " + e.getMessage());
        }
    }

    private Stream<PodJournal> journals() {
        return KnownDirectories.names(paths.records()).stream()
                .flatMap(name -> PodPaths.ownerOf(paths.records().resolve(name)).stream())
                .map(paths::journal);
    }
}
