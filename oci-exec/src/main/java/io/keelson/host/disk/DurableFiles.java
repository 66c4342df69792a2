package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files of our own state. What these methods return from is on disk: its contents were synchronised before it got its name, and
 * its directory afterwards. A full disk is {@link Failure.Kind#EXHAUSTED}; other trouble is {@link Failure.Kind#INTERNAL}.
 */
public final class DurableFiles {
    /** Ends the names of files that are being written; whoever finds one at start may remove it. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    private static final AtomicLong sequence = new AtomicLong();

    private DurableFiles() {}

    /** Replaces the file's contents in one step, mode 0600. A reader sees the old or the new contents, whole. */
    public static void write(Path file, byte[] contents) {
        var beside = file.resolveSibling(file.getFileName() + "." + sequence.incrementAndGet() + TEMPORARY_SUFFIX);
        try {
            try (var channel = FileChannel.open(
                    beside,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                var buffer = ByteBuffer.wrap(contents);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            fsyncDirectory(parent(file));
        } catch (IOException e) {
            deleteQuietly(beside);
            throw failed("write", file, e);
        }
    }

    /** The file's contents; absent if there is no such file. */
    public static Optional<byte[]> find(Path file, int limitBytes) {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(limitBytes + 1);
            if (bytes.length > limitBytes) {
                throw Failure.exhausted("cannot read " + file + ": larger than " + limitBytes + " bytes");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    /** Makes the directory, mode 0700, and any that are missing above it; one that exists is left as it is. */
    public static void mkdirs(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        var parent = parent(directory);
        if (!Files.isDirectory(parent)) {
            mkdirs(parent);
        }
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            fsyncDirectory(parent);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw failed("make directory", directory, e);
            }
        } catch (IOException e) {
            throw failed("make directory", directory, e);
        }
    }

    /** Gives a file that is complete and synchronised its final name. */
    public static void publish(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed("rename to", to, e);
        }
        fsyncDirectory(parent(to));
    }

    /** fsync(2) of a directory: its entries are on disk. */
    public static void fsyncDirectory(Path directory) {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw failed("synchronise", directory, e);
        }
    }

    /** Removes a file; its absence is success. */
    public static void remove(Path file) {
        try {
            if (Files.deleteIfExists(file)) {
                fsyncDirectory(parent(file));
            }
        } catch (IOException e) {
            throw failed("remove", file, e);
        }
    }

    /**
     * Removes a directory and all below it; its absence is success. Links are removed, never followed, and a mount below is
     * never entered: what is mounted there is not ours to delete.
     *
     * @throws Failure WRONG_STATE if something is mounted on it or below it; what was not below the mount may be gone
     */
    public static void deleteTree(Path directory) {
        var root = Inodes.lstat(directory);
        if (root.isEmpty()) {
            return;
        }
        var parent = parent(directory);
        try {
            if (!Inodes.lstat(parent).map(root.get()::isOnSameMountAs).orElse(false)) {
                throw Failure.wrongState("cannot remove " + directory + ": something is mounted on it");
            }
            delete(directory, root.get());
            fsyncDirectory(parent);
        } catch (IOException e) {
            throw failed("remove", directory, e);
        }
    }

    private static void delete(Path path, Inodes.Stat device) throws IOException {
        var stat = Inodes.lstat(path);
        if (stat.isEmpty()) {
            return;
        }
        if (!stat.get().isOnSameMountAs(device)) {
            throw Failure.wrongState("cannot remove " + path + ": something is mounted on it");
        }
        if (stat.get().isDirectory()) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                for (var child : children) {
                    delete(child, device);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    private static Path parent(Path path) {
        var parent = path.toAbsolutePath().getParent();
        return parent == null ? path : parent;
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Its suffix marks it as nobody's; the next start removes it.
        }
    }

    /** The failure of an attempt on a file. The JDK tells errno only by its text (strerror(3)). */
    public static Failure failed(String attempt, Path file, IOException e) {
        var reason = e instanceof FileSystemException fileSystem && fileSystem.getReason() != null
                ? fileSystem.getReason()
                : String.valueOf(e.getMessage());
        var text = "cannot " + attempt + " " + file + ": ";
        if (isFull(e)) {
            return new Failure(Failure.Kind.EXHAUSTED, text + "disk is full (" + reason + ")", e);
        }
        return Failure.internal(text + reason, e);
    }

    /** Whether the disk or a quota is full (ENOSPC, EDQUOT). */
    public static boolean isFull(Throwable e) {
        if (e instanceof LinuxException linux) {
            return linux.is(Errno.ENOSPC) || linux.is(Errno.EDQUOT);
        }
        var message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }
}
