package io.keelson.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A directory that outlives single tests, which JUnit's own do not. */
final class TemporaryTree {
    private TemporaryTree() {}

    static void remove(Path directory) throws IOException {
        try (var walk = Files.walk(directory)) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
