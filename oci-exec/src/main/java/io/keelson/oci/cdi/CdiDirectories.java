package io.keelson.oci.cdi;

import io.keelson.host.disk.DropIns;
import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What some directories say at one moment. A device of a later directory takes the place of one with the same name in an earlier
 * one; of two in one directory neither counts.
 */
final class CdiDirectories {
    private static final List<String> SUFFIXES = List.of(".json", ".yaml");

    private final Map<CdiName, List<CdiFile>> files = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    static CdiDirectories read(List<Path> directories) {
        var result = new CdiDirectories();
        directories.forEach(result::add);
        return result;
    }

    private void add(Path directory) {
        var here = new HashMap<CdiName, List<CdiFile>>();
        for (var path : DropIns.files(directory, SUFFIXES)) {
            try {
                CdiFile.find(path)
                        .ifPresent(file -> file.devices()
                                .keySet()
                                .forEach(device -> here.computeIfAbsent(
                                                new CdiName(file.kind(), device), _ -> new ArrayList<>())
                                        .add(file)));
            } catch (Failure e) {
                problems.add(path + ": " + e.getMessage());
            }
        }
        files.putAll(here);
    }

    /** What is wrong with the files, for people. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** @throws Failure WRONG_STATE if there is none, or it is not clear which is meant; it may come later */
    CdiFile fileOf(CdiName name) {
        var found = files.getOrDefault(name, List.of());
        if (found.size() > 1) {
            throw Failure.wrongState("CDI device " + name + " is in more than one file: "
                    + String.join(
                            ", ",
                            found.stream().map(file -> file.path().toString()).toList()));
        }
        if (found.isEmpty()) {
            throw Failure.wrongState("there is no CDI device " + name
                    + (problems.isEmpty() ? "" : "; what cannot be read: " + String.join("; ", problems)));
        }
        return found.getFirst();
    }
}
