package io.keelson.e2e.images;

import java.util.function.BiFunction;

/**
 * A case of the fault matrix: a manifest, an index or a configuration that was made to harm.
 *
 * @param row of the matrix, such as {@code M08}
 * @param word that the refusal has to say; empty for what is harmless
 * @param put puts it into a registry, in a repository, and answers the name to pull it by
 */
public record HostileManifest(
        String row, String what, Outcome outcome, String word, BiFunction<MemoryRegistry, String, String> put) {
    @Override
    public String toString() {
        return row + " " + what;
    }
}
