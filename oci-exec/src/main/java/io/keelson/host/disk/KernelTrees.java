package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.BlockingCalls;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** By system calls. */
final class KernelTrees implements FileTrees {
    static final FileTrees INSTANCE = new KernelTrees();

    private KernelTrees() {}

    @Override
    public void exchange(Path one, Path other) {
        try (var fd = Descriptors.open(DurableFiles.parent(one), Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            Inodes.renameat2(fd, name(one), fd, name(other), Inodes.RENAME_EXCHANGE);
        } catch (LinuxException e) {
            throw DurableFiles.failed("exchange with " + one, other, e);
        }
    }

    @Override
    public void startWriteback(Path file) {
        try (var fd = Descriptors.open(file, Descriptors.O_WRONLY, 0)) {
            Inodes.syncFileRange(fd, 0, 0, Inodes.SYNC_FILE_RANGE_WRITE);
        } catch (LinuxException e) {
            throw DurableFiles.failed("write", file, e);
        }
    }

    @Override
    public Optional<Fd> openDirect(Path file) {
        try {
            return Optional.of(Descriptors.open(file, Descriptors.O_WRONLY | Descriptors.O_DIRECT, 0));
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    private static byte[] name(Path path) {
        return path.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean remove(Path directory) {
        return BlockingCalls.call(() -> {
            try (var above = Descriptors.open(
                    DurableFiles.parent(directory), Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
                TreeRemoval.remove(above, directory);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return false;
                }
                throw DurableFiles.failed("remove", directory, e);
            } catch (Failure e) {
                throw e.during("cannot remove " + directory);
            }
        });
    }
}
