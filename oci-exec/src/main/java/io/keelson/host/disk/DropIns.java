package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Directories into which others put files, as they like and when they like. */
public final class DropIns {
    private static final int MAX_FILES = 1000;

    private DropIns() {}

    /**
     * The files in the directory whose names end like this, in order; none if there is no such directory.
     *
     * @throws Failure EXHAUSTED beyond {@value #MAX_FILES}
     */
    public static List<Path> files(Path directory, List<String> suffixes) {
        var files = new ArrayList<Path>();
        try (var children = Files.newDirectoryStream(directory)) {
            for (var child : children) {
                if (suffixes.stream().anyMatch(child.getFileName().toString()::endsWith)) {
                    files.add(child);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        } catch (DirectoryIteratorException e) {
            throw Failure.internal("cannot list " + directory, e);
        }
        if (files.size() > MAX_FILES) {
            throw Failure.exhausted("there are more than " + MAX_FILES + " files in " + directory);
        }
        files.sort(null);
        return files;
    }
}
