package io.keelson.oci.log;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a container's log is written. The pod's log directory and the path in it come with the request, and root writes there:
 * nothing in them may lead elsewhere.
 */
public final class LogPath {
    private static final int MAX_NAME_BYTES = 255;
    private static final int DIRECTORY_MODE = 0755;
    private static final long BENEATH =
            Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_SYMLINKS | Descriptors.RESOLVE_NO_MAGICLINKS;

    private LogPath() {}

    /**
     * The file's path, with the directories above it made.
     *
     * @param directory the pod's, absolute; made if it is missing
     * @param relative as CRI's {@code log_path}
     * @throws Failure INVALID for names that lead elsewhere, or where a link or something else than a file is in their place
     */
    public static Path resolve(String directory, String relative) {
        var base = checkedDirectory(directory);
        var names = names(relative);
        try {
            Files.createDirectories(base);
        } catch (IOException e) {
            throw DurableFiles.failed("make log directory", base, e);
        }
        var file = base.resolve(relative);
        try (var root = Descriptors.open(base, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
                var parent = parent(root, names)) {
            Inodes.lstatat(parent, names.getLast())
                    .filter(stat -> !stat.isRegularFile())
                    .ifPresent(_ -> {
                        throw Failure.invalid("log path " + file + " is not a file");
                    });
        } catch (LinuxException e) {
            if (e.is(Errno.ELOOP) || e.is(Errno.EXDEV) || e.is(Errno.ENOTDIR)) {
                throw new Failure(Failure.Kind.INVALID, "log path " + file + " does not stay in " + base, e);
            }
            throw DurableFiles.failed("prepare log", file, e);
        }
        return file;
    }

    /** Opens the directory of the file, making those on the way. */
    private static Fd parent(Fd root, List<String> names) {
        var current = Descriptors.openat2(root, "", Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0, BENEATH);
        for (var name : names.subList(0, names.size() - 1)) {
            try (var above = current) {
                makeDirectory(above, name);
                current = Descriptors.openat2(above, name, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0, BENEATH);
            }
        }
        return current;
    }

    private static void makeDirectory(Fd above, String name) {
        try {
            Inodes.mkdirat(above, name, DIRECTORY_MODE);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    private static Path checkedDirectory(String directory) {
        if (!directory.startsWith("/")) {
            throw Failure.invalid("log directory \"" + printable(directory) + "\" is not absolute");
        }
        names(directory.substring(1));
        return Path.of(directory);
    }

    /** The names of a path, each plain. */
    private static List<String> names(String path) {
        var names = List.of(path.replaceAll("/+$", "").split("/+", -1));
        for (var name : names) {
            if (name.isEmpty() || name.equals(".") || name.equals("..") || isUnprintable(name)) {
                throw Failure.invalid(
                        "\"" + printable(path) + "\" cannot be the path of a log: each name of it must be plain");
            }
        }
        return names;
    }

    private static boolean isUnprintable(String name) {
        return name.chars().anyMatch(Character::isISOControl)
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES;
    }

    private static String printable(String text) {
        var cut = text.length() <= MAX_NAME_BYTES ? text : text.substring(0, MAX_NAME_BYTES) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
