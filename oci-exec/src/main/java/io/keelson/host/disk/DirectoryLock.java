package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One daemon a directory (flock(2) on its {@code lock} file). The kernel gives the lock back when the process ends. */
public final class DirectoryLock implements AutoCloseable {
    private static final String FILE = "lock";

    /** proc_locks(5), with the columns of its lines. */
    private static final Path LOCKS = Path.of("/proc/locks");

    private static final int KIND = 1;
    private static final int PROCESS = 4;
    private static final int INODE = 5;

    private final Fd fd;

    private DirectoryLock(Fd fd) {
        this.fd = fd;
    }

    /** @throws Failure WRONG_STATE naming the process that has it */
    public static DirectoryLock acquire(Path directory) {
        DurableFiles.mkdirs(directory);
        var file = directory.resolve(FILE);
        try (var undo = new Rollback()) {
            var fd = Descriptors.open(file, Descriptors.O_RDWR | Descriptors.O_CREAT, 0600);
            undo.add("close " + file, fd::close);
            if (!Descriptors.tryLock(fd)) {
                throw Failure.wrongState("cannot use " + directory + ": process " + nameIn(file) + " uses it");
            }
            var pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            Inodes.ftruncate(fd, 0);
            Descriptors.write(fd, ByteBuffer.allocateDirect(pid.length).put(pid).flip());
            undo.commit();
            return new DirectoryLock(fd);
        } catch (LinuxException e) {
            throw DurableFiles.failed("lock", file, e);
        }
    }

    /** The process that has the directory now, if there is one. It is not asked for by taking the lock: a daemon may just start. */
    public static Optional<Long> holder(Path directory) {
        try {
            var inode = Files.getAttribute(directory.resolve(FILE), "unix:ino");
            return Files.readAllLines(LOCKS).stream()
                    .map(line -> List.of(line.strip().split("\\s+", -1)))
                    .filter(fields -> fields.size() > INODE
                            && fields.get(KIND).equals("FLOCK")
                            && fields.get(INODE).endsWith(":" + inode))
                    .map(fields -> Long.parseLong(fields.get(PROCESS)))
                    .findFirst();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw DurableFiles.failed("find who uses", directory, e);
        }
    }

    private static String nameIn(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "(unknown)";
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
