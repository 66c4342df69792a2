package io.keelson.oci.lsm;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * Gives a directory tree of the host the label of a container's files. Names are resolved one by one without following links, so that
 * nobody who may write to the tree leads us out of it; other mounts below it are left alone.
 */
public final class Relabelling {
    private static final String ATTRIBUTE = "security.selinux";
    private static final int MAX_DEPTH = 256;
    private static final int PATH_ONLY = Descriptors.O_PATH | Descriptors.O_NOFOLLOW;

    /** Directories on which the node stands: a label for one container would lock everybody else out. */
    private static final Set<String> OF_THE_SYSTEM = Set.of(
            "/",
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/home",
            "/lib",
            "/lib32",
            "/lib64",
            "/media",
            "/mnt",
            "/opt",
            "/proc",
            "/root",
            "/run",
            "/sbin",
            "/srv",
            "/sys",
            "/tmp",
            "/usr",
            "/usr/bin",
            "/usr/lib",
            "/usr/lib64",
            "/usr/local",
            "/usr/sbin",
            "/usr/share",
            "/var",
            "/var/cache",
            "/var/lib",
            "/var/log",
            "/var/run",
            "/var/tmp");

    private static final Set<String> OF_THE_KERNEL = Set.of("/dev", "/proc", "/sys");

    private final byte[] label;

    private Relabelling(SelinuxContext label) {
        this.label = (label + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Labels the file, or the directory and everything below it.
     *
     * @param tree without links in it
     * @throws Failure INVALID for a directory of the system
     */
    public static void of(Path tree, SelinuxContext label) {
        refuseSystem(tree);
        try (var fd = Descriptors.open(tree, PATH_ONLY, 0)) {
            new Relabelling(label).label(fd, 0);
        } catch (LinuxException e) {
            throw new Failure(
                    Failure.Kind.WRONG_STATE, "cannot relabel " + tree + " for SELinux: " + e.getMessage(), e);
        }
    }

    /** Apart from the work, so that a test of it that fails relabels nothing. */
    static void refuseSystem(Path tree) {
        if (OF_THE_SYSTEM.contains(tree.toString()) || OF_THE_KERNEL.stream().anyMatch(tree::startsWith)) {
            throw Failure.invalid("cannot relabel " + tree + " for SELinux: it belongs to the system");
        }
    }

    /** A link has a label of its own, without which it could not be read. */
    private void label(Fd file, int depth) {
        if (set(file) && Inodes.stat(file).isDirectory()) {
            if (depth == MAX_DEPTH) {
                throw Failure.exhausted("cannot relabel for SELinux more than " + MAX_DEPTH + " directories deep");
            }
            labelChildren(file, depth);
        }
    }

    private void labelChildren(Fd directory, int depth) {
        try (var open = Descriptors.openat2(
                directory, "", Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0, Descriptors.RESOLVE_BENEATH)) {
            for (var entries = Directories.read(open); !entries.isEmpty(); entries = Directories.read(open)) {
                entries.forEach(entry -> labelChild(open, entry.name(), depth + 1));
            }
        }
    }

    /** What is gone by now, or on another mount, is left alone. */
    private void labelChild(Fd directory, byte[] name, int depth) {
        try (var child = Descriptors.openat2(
                directory, name, PATH_ONLY, 0, Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_XDEV)) {
            label(child, depth);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.EXDEV)) {
                throw e;
            }
        }
    }

    /** False if this file system has no labels: then it has one for all of it, or none. */
    private boolean set(Fd file) {
        try {
            Inodes.setxattr(file, ATTRIBUTE, label);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return false;
            }
            throw e;
        }
    }
}
