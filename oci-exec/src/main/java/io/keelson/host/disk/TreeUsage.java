package io.keelson.host.disk;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * How much room a tree takes that somebody else may change meanwhile: no link is followed and no other file system entered. What goes
 * while it is looked at, or lies deeper than a path reaches, is not counted.
 *
 * @param bytes that are allocated, those of files with several names once
 * @param inodes the tree's root included
 */
public record TreeUsage(long bytes, long inodes) {
    private static final int DIRECTORY = Descriptors.O_RDONLY | Descriptors.O_DIRECTORY;
    private static final long BENEATH =
            Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_SYMLINKS | Descriptors.RESOLVE_NO_XDEV;

    /** Of files with several names that are told apart; more are counted by name. */
    private static final int MOST_LINKED = 100_000;

    /** @throws LinuxException if the root cannot be opened */
    public static TreeUsage measure(Path root) {
        try (var top = Descriptors.open(root, DIRECTORY | Descriptors.O_NOFOLLOW, 0)) {
            return new Walk(top).go();
        }
    }

    private static final class Walk {
        private final Fd top;
        private final Deque<byte[]> waiting = new ArrayDeque<>();
        private final Set<Long> linked = new HashSet<>();
        private long bytes;
        private long inodes;

        Walk(Fd top) {
            this.top = top;
        }

        TreeUsage go() {
            count(Inodes.stat(top));
            waiting.add(new byte[0]);
            while (!waiting.isEmpty() && !Thread.currentThread().isInterrupted()) {
                directory(waiting.pop());
            }
            return new TreeUsage(bytes, inodes);
        }

        private void directory(byte[] path) {
            try (var directory = Descriptors.openat2(top, path, DIRECTORY, 0, BENEATH)) {
                for (var entries = Directories.read(directory);
                        !entries.isEmpty();
                        entries = Directories.read(directory)) {
                    for (var entry : entries) {
                        entry(directory, path, entry.name());
                    }
                }
            } catch (LinuxException e) {
                // It has gone, or become something else.
                return;
            }
        }

        private void entry(Fd directory, byte[] path, byte[] name) {
            Inodes.lstatat(directory, name).ifPresent(stat -> {
                count(stat);
                if (stat.isDirectory()) {
                    waiting.push(below(path, name));
                }
            });
        }

        private void count(Inodes.Stat stat) {
            if (!stat.isDirectory() && stat.links() > 1 && linked.size() < MOST_LINKED && !linked.add(stat.inode())) {
                return;
            }
            bytes += stat.allocatedBytes();
            inodes++;
        }

        private static byte[] below(byte[] path, byte[] name) {
            var below = new ByteArrayOutputStream(path.length + 1 + name.length);
            below.writeBytes(path);
            if (path.length > 0) {
                below.write('/');
            }
            below.writeBytes(name);
            return below.toByteArray();
        }
    }
}
