package io.keelson.host.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Directories that may not be there yet. */
public final class KnownDirectories {
    private KnownDirectories() {}

    /** What is in it, in order; nothing if there is no such directory. */
    public static List<String> names(Path directory) {
        try (var children = Files.list(directory)) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }
}
