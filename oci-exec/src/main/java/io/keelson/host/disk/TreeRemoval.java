package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Removes a tree that somebody hostile may have made: names that are no text, links that lead away, directories nested deeper
 * than there are descriptors or stack, mounts. It goes from directory to directory by descriptor and never by path, so there is
 * no moment at which a name could be exchanged for a link.
 */
final class TreeRemoval {
    /** Deeper directories are moved up to the root of the tree, and removed from there. */
    private static final int MAX_DEPTH = 32;

    /** Removing names while reading them may make a file system skip some. */
    private static final int MAX_PASSES = 16;

    private static final int DIRECTORY = Descriptors.O_RDONLY | Descriptors.O_DIRECTORY | Descriptors.O_NOFOLLOW;
    private static final long HERE =
            Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_SYMLINKS | Descriptors.RESOLVE_NO_XDEV;

    private final Fd root;
    private long moved;

    private TreeRemoval(Fd root) {
        this.root = root;
    }

    /** Removes {@code name} and all below it from the directory; its absence is success. */
    static void remove(Fd parent, Path path) {
        var name = String.valueOf(path.getFileName()).getBytes(StandardCharsets.UTF_8);
        if (unlink(parent, name)) {
            return;
        }
        try (var root = open(parent, name)) {
            var removal = new TreeRemoval(root);
            for (var pass = 1; !tryRemoveDirectory(parent, name); pass++) {
                if (pass > MAX_PASSES) {
                    throw Failure.wrongState("somebody is still making files in it");
                }
                long before;
                do {
                    before = removal.moved;
                    removal.removeChildren(root, 1);
                } while (removal.moved > before);
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private void removeChildren(Fd directory, int depth) {
        // Its own descriptor, since each is read once from its beginning to its end.
        try (var listing = Descriptors.openat2(directory, ".", DIRECTORY, 0, HERE)) {
            for (var some = Directories.read(listing); !some.isEmpty(); some = Directories.read(listing)) {
                for (var entry : some) {
                    remove(directory, entry, depth);
                }
            }
        }
    }

    private void remove(Fd directory, Directories.Entry entry, int depth) {
        var name = entry.name();
        if (!entry.isDirectory() && unlink(directory, name)) {
            return;
        }
        if (depth == MAX_DEPTH) {
            moveUp(directory, name);
            return;
        }
        try (var child = open(directory, name)) {
            for (var pass = 1; pass <= MAX_PASSES; pass++) {
                removeChildren(child, depth + 1);
                if (tryRemoveDirectory(directory, name)) {
                    return;
                }
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private void moveUp(Fd directory, byte[] name) {
        moved++;
        while (true) {
            try {
                Inodes.renameat2(
                        directory,
                        name,
                        root,
                        (".moved-" + moved).getBytes(StandardCharsets.US_ASCII),
                        Inodes.RENAME_NOREPLACE);
                return;
            } catch (LinuxException e) {
                if (e.is(Errno.EBUSY)) {
                    throw mounted(name);
                }
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
                moved++;
            }
        }
    }

    /** False if it is a directory. */
    private static boolean unlink(Fd directory, byte[] name) {
        try {
            Inodes.unlinkat(directory, name, 0);
            return true;
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case Errno.ENOENT -> true;
                case Errno.EISDIR -> false;
                case Errno.EBUSY -> throw mounted(name);
                default -> throw e;
            };
        }
    }

    /** False if it is not empty. */
    private static boolean tryRemoveDirectory(Fd directory, byte[] name) {
        try {
            Inodes.unlinkat(directory, name, Descriptors.AT_REMOVEDIR);
            return true;
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case Errno.ENOENT -> true;
                case Errno.ENOTEMPTY, Errno.EEXIST -> false;
                case Errno.EBUSY -> throw mounted(name);
                default -> throw e;
            };
        }
    }

    private static Fd open(Fd directory, byte[] name) {
        try {
            return Descriptors.openat2(directory, name, DIRECTORY, 0, HERE);
        } catch (LinuxException e) {
            if (e.is(Errno.EXDEV)) {
                throw mounted(name);
            }
            throw e;
        }
    }

    private static Failure mounted(byte[] name) {
        return Failure.wrongState("something is mounted on " + new String(name, StandardCharsets.UTF_8));
    }
}
