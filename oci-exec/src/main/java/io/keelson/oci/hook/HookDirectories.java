package io.keelson.oci.hook;

import io.keelson.host.disk.DropIns;
import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.Hooks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The hooks that lie in some directories as files {@code *.json} (oci-hooks(5)). A file of a later directory takes the place of one
 * with the same name in an earlier one; hooks run in the order of the names in lower case. The files are read for each container, so
 * that a change counts for the next one.
 *
 * <p>A file that is not understood is a failure, whichever container is made: whether its hook were for this one is not known, and
 * a container without it would not be what the node's operator wants.
 */
public final class HookDirectories {
    private static final List<String> SUFFIXES = List.of(".json");
    private static final Comparator<Path> ORDER = Comparator.comparing(
                    (Path file) -> name(file).toLowerCase(Locale.ROOT))
            .thenComparing(HookDirectories::name);

    private final List<Path> directories;

    public HookDirectories(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** @throws Failure WRONG_STATE if a file is not understood */
    public Hooks matching(HookSubject subject) {
        var hooks = Hooks.NONE;
        for (var path : files()) {
            var file = find(path).filter(each -> each.when().holds(subject));
            if (file.isPresent()) {
                hooks = hooks.plus(file.get().hooks());
            }
        }
        return hooks;
    }

    /** What is wrong with the files, for people. */
    public List<String> problems() {
        var problems = new ArrayList<String>();
        for (var path : files()) {
            try {
                find(path);
            } catch (Failure e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        return problems;
    }

    /** Absent if it is gone since the directory was read. */
    private static Optional<HookFile> find(Path path) {
        try {
            return HookFile.find(path);
        } catch (Failure e) {
            throw new Failure(Failure.Kind.WRONG_STATE, "cannot use OCI hook " + path + ": " + e.getMessage(), e);
        }
    }

    private List<Path> files() {
        var byName = new HashMap<String, Path>();
        for (var directory : directories) {
            DropIns.files(directory, SUFFIXES).forEach(file -> byName.put(name(file), file));
        }
        return byName.values().stream().sorted(ORDER).toList();
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
