package io.keelson.image.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a target's seeds to files, for Jazzer to begin with. */
public final class Seeds {
    private Seeds() {}

    /** usage: Seeds CLASS DIRECTORY. */
    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        var seeds = (List<?>) Class.forName(arguments[0]).getMethod("seeds").invoke(null);
        for (var i = 0; i < seeds.size(); i++) {
            Files.write(Path.of(arguments[1], "seed" + i), (byte[]) seeds.get(i));
        }
    }
}
