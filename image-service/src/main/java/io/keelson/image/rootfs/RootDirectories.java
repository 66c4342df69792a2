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

    /** @param ids whose root user owns what is made */
    static void makeReal(Path root, IdMap ids) {
        try (var fd = Descriptors.open(root, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            REQUIRED.forEach(name -> makeReal(fd, name, true, ids));
            OPTIONAL.forEach(name -> makeReal(fd, name, false, ids));
        }
    }

    private static void makeReal(Fd root, String name, boolean required, IdMap ids) {
        var stat = Inodes.lstatat(root, name);
        if (stat.isPresent() && stat.get().isDirectory()) {
            return;
        }
        if (stat.isPresent()) {
            Inodes.unlinkat(root, name, 0);
        }
        if (stat.isPresent() || required) {
            make(root, name, MODE, ids);
        }
    }

    /** Makes a directory that belongs to the container's root user. */
    static void make(Fd parent, String name, int mode, IdMap ids) {
        Inodes.mkdirat(parent, name, mode);
        if (ids.userNamespace().isPresent()) {
            try (var made = Descriptors.openat2(
                    parent,
                    name,
                    Descriptors.O_PATH | Descriptors.O_DIRECTORY | Descriptors.O_NOFOLLOW,
                    0,
                    Descriptors.RESOLVE_BENEATH)) {
                Inodes.fchown(made, ids.rootUid(), ids.rootGid());
            }
        }
    }
}
