package io.keelson.server;

import io.keelson.host.disk.WritableTree;
import io.keelson.server.config.Configuration.Storage;
import io.keelson.server.metrics.DaemonMetrics;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether what the daemon keeps can be written down. A node where it cannot is ready all the same: what runs there goes on, is listed,
 * stopped and removed, which is more than kubelet would leave of it; what is new is refused one by one.
 */
final class StorageWatch {
    private final WritableTree root;
    private final WritableTree state;

    private StorageWatch(WritableTree root, WritableTree state) {
        this.root = root;
        this.state = state;
    }

    /** With the first look under way. */
    static StorageWatch of(Storage storage) {
        var watch = new StorageWatch(new WritableTree(storage.root()), new WritableTree(storage.state()));
        var _ = watch.trouble();
        return watch;
    }

    /** Which directory cannot be written to, and why; empty if all can. */
    Optional<String> trouble() {
        return Stream.of(root, state)
                .flatMap(tree -> tree.trouble().map(why -> tree + ": " + why).stream())
                .reduce((one, other) -> one + "; " + other);
    }

    void tell(DaemonMetrics metrics) {
        metrics.numbers(
                "keelson.storage.writable",
                "Whether the daemon's directory takes what is written: 1, or 0.",
                "tree",
                Map.of("root", () -> number(root), "state", () -> number(state)));
    }

    private static int number(WritableTree tree) {
        return tree.trouble().isEmpty() ? 1 : 0;
    }
}
