package io.keelson.oci.cgroup;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The group that a process is in, of one hierarchy (cgroups(7), /proc/pid/cgroup).
 *
 * @param root where the hierarchy is mounted
 * @param path as the reader's cgroup namespace has it
 */
record ProcessGroup(Path root, String path) {
    private static final String NAMED = "name=";

    /** Those of the hierarchies that are mounted, in the order of the lines. */
    static List<ProcessGroup> parse(CgroupLayout layout, String lines) {
        return lines.lines()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .flatMap(fields -> root(layout, fields[1]).map(root -> new ProcessGroup(root, fields[2])).stream())
                .toList();
    }

    private static Optional<Path> root(CgroupLayout layout, String controllers) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> controllers.isEmpty() ? Optional.of(root) : Optional.empty();
            case CgroupLayout.Legacy(var hierarchies) -> root(hierarchies, controllers);
            case CgroupLayout.Hybrid(var hierarchies, var unified, var _) ->
                controllers.isEmpty() ? Optional.of(unified) : root(hierarchies, controllers);
        };
    }

    private static Optional<Path> root(Map<String, Path> hierarchies, String controllers) {
        return Stream.of(controllers.split(",", -1))
                .map(name -> name.startsWith(NAMED) ? name.substring(NAMED.length()) : name)
                .filter(hierarchies::containsKey)
                .map(hierarchies::get)
                .findFirst();
    }

    /** Its directory, where the hierarchy's own beginning is mounted. */
    Path directory() {
        return root.resolve(path.substring(1));
    }

    /** Whether it is this one, also where the hierarchy is mounted from a group on. */
    boolean is(String group) {
        return path.endsWith(group);
    }
}
