package io.keelson.host.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Directories that may not be there yet. */
public final class KnownDirectories {
    private KnownDirectories() {}

    /** The names of what is in it, in order; none if there is no such directory. */
    public static List<String> names(Path directory) {
        return children(directory).stream()
                .map(child -> child.getFileName().toString())
                .sorted()
                .toList();
    }

    /** What is in it, in the order in which it is listed; nothing if there is no such directory. */
    public static List<Path> children(Path directory) {
        try (var children = Files.list(directory)) {
            return children.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }
}
