package io.keelson.host.linux;

import java.nio.file.Path;

/** The bindings as a whole. */
public final class Linux {
    private Linux() {}

    /** Binds what every start comes to; whoever needs it meanwhile waits for it. */
    public static void bind() {
        try (var root = Descriptors.open(Path.of("/"), Descriptors.O_PATH, 0)) {
            var _ = Inodes.stat(root);
        }
        LibNftables.reserve();
    }

    /**
     * Binds what is otherwise bound when it is first used, about 80 ms in all. Called on a background thread once the daemon
     * answers, so that neither its start nor its first request waits.
     */
    public static void warmUp() {
        bind();
        Spawn.bind();
        Readiness.start();
        var _ = LibNftables.isAvailable();
        var _ = Isal.isAvailable();
    }
}
