package io.keelson.pod.namespace;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where in a pod's directory its namespaces are pinned; those that it does not have are not there. */
public record PinnedNamespaces(Path directory) {
    public Path network() {
        return directory.resolve("net");
    }

    public Path ipc() {
        return directory.resolve("ipc");
    }

    public Path uts() {
        return directory.resolve("uts");
    }

    public Path pid() {
        return directory.resolve("pid");
    }

    public Path user() {
        return directory.resolve("user");
    }

    List<Path> all() {
        return List.of(network(), ipc(), uts(), pid(), user());
    }

    /** Those that are there, by kind. */
    public Map<String, Path> existing() {
        var found = new LinkedHashMap<String, Path>();
        all().stream()
                .filter(Files::exists)
                .forEach(path -> found.put(path.getFileName().toString(), path));
        return found;
    }
}
