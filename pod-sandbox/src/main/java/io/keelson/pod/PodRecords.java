package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records of pods as they lie on disk, for who looks at a node from outside of a daemon. */
public record PodRecords(PodPaths paths) {
    /** Whether there is one, of a pod that exists or is being started. */
    public boolean has(String hex) {
        return PodId.find(hex).map(paths::record).filter(Files::exists).isPresent();
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
        try (var directories = Files.list(paths.records())) {
            return directories.map(Path::getFileName).map(Path::toString).toList().stream()
                    .flatMap(name -> PodId.find(name).stream());
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
    }
}
