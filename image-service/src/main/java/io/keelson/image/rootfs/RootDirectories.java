package io.keelson.image.rootfs;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes sure that the directories in which the runtime and the daemon put things are directories. An image can have a symbolic
 * link in the place of {@code /dev}, and OCI runtimes have followed such a link to the host before they changed their root
 * (CVE-2026-41579, CVE-2026-47766). The link is replaced in the container's upper directory, by calls relative to the open
 * root.
 */
final class RootDirectories {
    private static final List<String> REQUIRED = List.of("dev", "proc", "sys", "etc");
    /** Not made where an image has none. */
    private static final List<String> OPTIONAL = List.of("run");

    private static final int MODE = 0755;

    private RootDirectories() {}

    static void makeReal(Path root) {
        try (var fd = Descriptors.open(root, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            REQUIRED.forEach(name -> makeReal(fd, name, true));
            OPTIONAL.forEach(name -> makeReal(fd, name, false));
        }
    }

    private static void makeReal(Fd root, String name, boolean required) {
        var stat = Inodes.lstatat(root, name);
        if (stat.isPresent() && stat.get().isDirectory()) {
            return;
        }
        if (stat.isPresent()) {
            Inodes.unlinkat(root, name, 0);
        }
        if (stat.isPresent() || required) {
            Inodes.mkdirat(root, name, MODE);
        }
    }
}
