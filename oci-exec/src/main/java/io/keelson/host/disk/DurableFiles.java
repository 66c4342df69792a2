package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
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

    /** What a killed daemon left under this name is overwritten; a link is not followed. */
    private static final Set<OpenOption> REPLACE = Set.of(
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            LinkOption.NOFOLLOW_LINKS);

    private static final Set<OpenOption> EXTEND = Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int LEAST_BYTES = 4096;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx--x---");
    private static final AtomicLong sequence = new AtomicLong();

    private interface Step<T> {
        T run() throws IOException;
    }

    private DurableFiles() {}

    /** Replaces the file's contents in one step, mode 0600. A reader sees the old or the new contents, whole. */
    public static void write(Path file, byte[] contents) {
        replace(file, contents, true);
        fsyncDirectory(parent(file));
    }

    /**
     * As {@link #write}, for a file that nobody may be told of yet: it is there whatever becomes of this process, and after a power
     * failure once {@link #settle} has returned. Before that, a power failure may leave it empty.
     */
    public static void place(Path file, byte[] contents) {
        replace(file, contents, false);
    }

    /** Has what was {@linkplain #place placed} be on disk. */
    public static void settle(Path file) {
        try {
            uninterrupted(() -> {
                try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                    channel.force(true);
                    return true;
                }
            });
        } catch (IOException e) {
            throw failed("synchronise", file, e);
        }
        fsyncDirectory(parent(file));
    }

    /**
     * Writes to a file that is on disk what shall come after its first bytes, in place of what comes there now; those first bytes stay
     * whatever happens. What is written is on disk when this returns; until then a power failure may leave a part of it, or zeros. It is
     * for one writer at a time. When it fails, nothing comes after the first bytes, as long as the disk lets it.
     *
     * @param length of what stays
     */
    public static void append(Path file, long length, byte[] contents) {
        extend(file, length, contents, true);
    }

    /** As {@link #append}, not waiting for the disk: it is there whatever becomes of this process, and a power failure may take it away. */
    public static void note(Path file, long length, byte[] contents) {
        extend(file, length, contents, false);
    }

    private static void extend(Path file, long length, byte[] contents, boolean isSynchronised) {
        try {
            uninterrupted(() -> {
                extendNow(file, length, ByteBuffer.wrap(contents), isSynchronised);
                return true;
            });
        } catch (IOException e) {
            throw failed("append to", file, e);
        }
    }

    private static void extendNow(Path file, long length, ByteBuffer contents, boolean isSynchronised)
            throws IOException {
        try (var channel = FileChannel.open(file, EXTEND)) {
            channel.truncate(length);
            try {
                while (contents.hasRemaining()) {
                    channel.write(contents, length + contents.position());
                }
                if (isSynchronised) {
                    // The length of a file is among what fdatasync(2) takes along.
                    channel.force(false);
                }
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                cutQuietly(channel, length);
                throw e;
            }
        }
    }

    private static void cutQuietly(FileChannel channel, long length) {
        try {
            channel.truncate(length);
        } catch (IOException e) {
            // Whoever reads it knows what is no whole line.
        }
    }

    /**
     * Has the writing of the file to disk begin, so that whatever is synchronised next takes it along. Nothing
     * depends on it.
     */
    public static void startWriteback(Path file) {
        FileTrees.of(file).startWriteback(file);
    }

    private static void replace(Path file, byte[] contents, boolean isSynchronised) {
        var beside = file.resolveSibling(file.getFileName() + "." + sequence.incrementAndGet() + TEMPORARY_SUFFIX);
        try {
            uninterrupted(() -> {
                write(beside, contents, isSynchronised);
                return true;
            });
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deleteQuietly(beside);
            throw failed("write", file, e);
        }
    }

    private static void write(Path file, byte[] contents, boolean isSynchronised) throws IOException {
        try (var channel = FileChannel.open(file, REPLACE, OWNER_ONLY)) {
            var buffer = ByteBuffer.wrap(contents);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (isSynchronised) {
                channel.force(true);
            }
        }
    }

    /** The file's contents; absent if there is no such file. */
    public static Optional<byte[]> find(Path file, int limitBytes) {
        try {
            var bytes = uninterrupted(() -> {
                try (var channel = Files.newByteChannel(file)) {
                    return readUpTo(channel, limitBytes + 1L);
                }
            });
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

    /** At its size, as a file is that nobody writes to meanwhile; one that has none, or grows, is read to its end. */
    private static byte[] readUpTo(SeekableByteChannel channel, long most) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(most, channel.size() + 1));
        while (channel.read(buffer) >= 0) {
            if (!buffer.hasRemaining()) {
                if (buffer.capacity() == most) {
                    break;
                }
                buffer = ByteBuffer.allocate((int) Math.min(most, Math.max(LEAST_BYTES, 2L * buffer.capacity())))
                        .put(buffer.flip());
            }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** @throws Failure ABSENT if there is no such file */
    public static byte[] read(Path file, int limitBytes) {
        return find(file, limitBytes)
                .orElseThrow(() -> Failure.absent("cannot read " + file + ": there is no such file"));
    }

    /** Makes the directory, mode 0700, and any that are missing above it; one that exists is left as it is. */
    public static void mkdirs(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        placeDirectory(directory);
        fsyncDirectory(parent(directory));
    }

    /** As {@link #mkdirs}, for a directory that nobody may be told of yet: it is on disk when the one above it was synchronised. */
    public static void placeDirectory(Path directory) {
        var parent = parent(directory);
        if (!Files.isDirectory(parent)) {
            mkdirs(parent);
        }
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw failed("make directory", directory, e);
            }
        } catch (IOException e) {
            throw failed("make directory", directory, e);
        }
    }

    /**
     * Takes from everybody but its owner what they may do with the directory, whoever gave it to them; its group keeps the right to pass
     * through to what it knows the name of.
     */
    public static void closeToOthers(Path directory) {
        try {
            var permissions = Files.getPosixFilePermissions(directory);
            if (permissions.retainAll(PRIVATE)) {
                Files.setPosixFilePermissions(directory, permissions);
            }
        } catch (IOException e) {
            throw failed("change the mode of", directory, e);
        }
    }

    /** Gives a file that is complete and synchronised its final name. */
    public static void publish(Path from, Path to) {
        rename(from, to);
        fsyncDirectory(parent(to));
    }

    /** As {@link #publish}, not waiting for the disk: after a power failure it may have its old name again. */
    public static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed("rename to", to, e);
        }
    }

    /** Gives two files or directories that lie beside each other each other's names, in one step. */
    public static void exchange(Path one, Path other) {
        FileTrees.of(one).exchange(one, other);
        fsyncDirectory(parent(one));
    }

    /** fsync(2) of a directory: its entries are on disk. */
    public static void fsyncDirectory(Path directory) {
        try {
            uninterrupted(() -> {
                try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                    return true;
                }
            });
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
        if (discardTree(directory)) {
            fsyncDirectory(parent(directory));
        }
    }

    /** As {@link #deleteTree}, not waiting for the disk; whether it was there. */
    public static boolean discardTree(Path directory) {
        return FileTrees.of(directory).remove(directory);
    }

    /** Takes a file away without waiting for the disk: a power failure may bring it back. Its absence is success. */
    public static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed("remove", file, e);
        }
    }

    /** An interrupt closes the channel of whoever writes (FileChannel); a record must not be lost by that. */
    private static <T> T uninterrupted(Step<T> step) throws IOException {
        var interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return step.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The directory that has the path's name. */
    public static Path parent(Path path) {
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

    /**
     * The failure of an attempt on a file. The JDK tells errno only by its text (strerror(3)), and an interrupt by closing the channel,
     * with the flag set.
     */
    public static Failure failed(String attempt, Path file, IOException e) {
        if (e instanceof ClosedByInterruptException) {
            return new Failure(Failure.Kind.CANCELLED, "cannot " + attempt + " " + file + ": interrupted", e);
        }
        var reason = e instanceof FileSystemException fileSystem && fileSystem.getReason() != null
                ? fileSystem.getReason()
                : String.valueOf(e.getMessage());
        var text = "cannot " + attempt + " " + file + ": ";
        if (isFull(e)) {
            return new Failure(
                    Failure.Kind.EXHAUSTED,
                    text + "disk is full (" + (reason.contains("quota") ? "EDQUOT" : "ENOSPC") + ")",
                    e);
        }
        return new Failure(HostTrouble.kind(e), text + reason, e);
    }

    /** As above, of a call that tells errno. */
    public static Failure failed(String attempt, Path file, LinuxException e) {
        var text = "cannot " + attempt + " " + file + ": ";
        if (isFull(e)) {
            return new Failure(Failure.Kind.EXHAUSTED, text + "disk is full (" + e.errnoName() + ")", e);
        }
        return new Failure(HostTrouble.kind(e), text + e.getMessage(), e);
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
