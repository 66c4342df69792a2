package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The records of containers as they lie on disk, for who looks at a node from outside of a daemon. */
public record ContainerRecords(ContainerPaths paths) {
    /** Whether there is one, of a container that exists or is being made. */
    public boolean has(String hex) {
        return ContainerId.find(hex).map(paths::record).filter(Files::exists).isPresent();
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
        try (var directories = Files.list(paths.records())) {
            return directories.map(Path::getFileName).map(Path::toString).toList().stream()
                    .flatMap(name -> ContainerId.find(name).stream());
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw DurableFiles.failed("list", paths.records(), e);
        }
    }
}
