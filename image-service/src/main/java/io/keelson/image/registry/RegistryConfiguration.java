package io.keelson.image.registry;

import java.nio.file.Path;

/** Where images may be had from: {@code registries.conf} version 2 (containers-registries.conf(5)). */
@SuppressWarnings("DoNotCallSuggester") // bodies follow with the next commits
public final class RegistryConfiguration {
    private RegistryConfiguration() {}

    /** No mirrors, nothing insecure. */
    public static RegistryConfiguration empty() {
        return new RegistryConfiguration();
    }

    /** Reads the file and what {@code <file>.d/*.conf} adds, in lexical order; a file that does not exist says nothing. */
    public static RegistryConfiguration read(Path file) {
        throw new UnsupportedOperationException("not yet");
    }
}
