package io.keelson.oci.cgroup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How control groups are mounted on this node (cgroups(7)). */
public sealed interface CgroupLayout {
    /** Version 2 alone. */
    record Unified(Path root) implements CgroupLayout {}

    /** Version 1: a hierarchy by the name of each controller; several may be mounted in one directory. */
    record Legacy(Map<String, Path> hierarchies) implements CgroupLayout {
        public Legacy {
            hierarchies = Map.copyOf(hierarchies);
        }
    }

    /**
     * Version 1, with a version 2 hierarchy beside it.
     *
     * @param unifiedControllers those that version 2 has taken; usually none
     */
    record Hybrid(Map<String, Path> hierarchies, Path unified, List<String> unifiedControllers)
            implements CgroupLayout {
        public Hybrid {
            hierarchies = Map.copyOf(hierarchies);
            unifiedControllers = List.copyOf(unifiedControllers);
        }
    }

    /** The directories of all hierarchies, each once. */
    default List<Path> roots() {
        return switch (this) {
            case Unified(var root) -> List.of(root);
            case Legacy(var hierarchies) ->
                hierarchies.values().stream().distinct().sorted().toList();
            case Hybrid(var hierarchies, var unified, var _) -> {
                var roots = new ArrayList<>(
                        hierarchies.values().stream().distinct().sorted().toList());
                roots.add(unified);
                yield List.copyOf(roots);
            }
        };
    }

    /** Whether each container can have a cgroup namespace of its own. */
    default boolean isUnified() {
        return this instanceof Unified;
    }
}
