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
import java.nio.file.Path;

/** One daemon a directory (flock(2) on its {@code lock} file). The kernel gives the lock back when the process ends. */
public final class DirectoryLock implements AutoCloseable {
    private final Fd fd;

    private DirectoryLock(Fd fd) {
        this.fd = fd;
    }

    /** @throws Failure WRONG_STATE naming the process that has it */
    public static DirectoryLock acquire(Path directory) {
        DurableFiles.mkdirs(directory);
        var file = directory.resolve("lock");
        try (var undo = new Rollback()) {
            var fd = Descriptors.open(file, Descriptors.O_RDWR | Descriptors.O_CREAT, 0600);
            undo.add("close " + file, fd::close);
            if (!Descriptors.tryLock(fd)) {
                throw Failure.wrongState("cannot use " + directory + ": process " + holder(file) + " uses it");
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

    private static String holder(Path file) {
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
