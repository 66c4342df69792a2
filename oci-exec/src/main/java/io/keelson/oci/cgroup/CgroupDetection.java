package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Finds out how control groups are mounted, by the files that only version 2 has, and the directories of version 1. */
final class CgroupDetection {
    /** The hierarchy without a controller by which systemd keeps track of services. */
    static final String SYSTEMD = "systemd";

    private static final String CONTROLLERS = "cgroup.controllers";
    private static final String PROCESSES = "cgroup.procs";
    private static final String UNIFIED = "unified";

    private CgroupDetection() {}

    static CgroupLayout layout(Path root) {
        if (Files.exists(root.resolve(CONTROLLERS))) {
            return new CgroupLayout.Unified(root);
        }
        var hierarchies = new TreeMap<String, Path>();
        try (var entries = Files.newDirectoryStream(root)) {
            for (var entry : entries) {
                if (Files.exists(entry.resolve(PROCESSES)) && !Files.exists(entry.resolve(CONTROLLERS))) {
                    // Several controllers in one hierarchy are a directory "cpu,cpuacct", and links to it.
                    for (var controller : entry.getFileName().toString().split(",", -1)) {
                        hierarchies.put(controller, entry.toRealPath());
                    }
                }
            }
            var unified = root.resolve(UNIFIED);
            return Files.exists(unified.resolve(CONTROLLERS))
                    ? new CgroupLayout.Hybrid(hierarchies, unified, controllers(unified))
                    : legacy(root, hierarchies);
        } catch (IOException e) {
            throw Failure.internal("cannot find the control groups in " + root, e);
        }
    }

    private static CgroupLayout legacy(Path root, Map<String, Path> hierarchies) {
        if (hierarchies.isEmpty()) {
            throw Failure.unavailable("no control groups are mounted at " + root);
        }
        return new CgroupLayout.Legacy(hierarchies);
    }

    private static List<String> controllers(Path unified) throws IOException {
        return Files.readString(unified.resolve(CONTROLLERS), StandardCharsets.US_ASCII)
                .lines()
                .flatMap(line -> List.of(line.split(" ", -1)).stream())
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
