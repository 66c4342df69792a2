package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

    /** What is wrong with them, for people. */
    public List<String> troubles() {
        return ids().flatMap(id -> trouble(paths.journal(id)).stream()).toList();
    }

    private static Optional<String> trouble(PodJournal journal) {
        try {
            var _ = journal.find();
            return Optional.empty();
        } catch (Failure | IllegalArgumentException | DateTimeException e) {
            return Optional.of(journal.file() + ": " + e.getMessage());
        }
    }

    private Stream<PodId> ids() {
        try (var files = Files.list(paths.records())) {
            return files.toList().stream().flatMap(file -> PodPaths.ownerOf(file).stream());
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
    }
}
