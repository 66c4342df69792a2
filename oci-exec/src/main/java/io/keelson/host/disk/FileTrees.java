package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Fd;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What file systems can do and java.nio.file has no word for. With it, java.nio.file is the one seam between our stores and the disk: a file
 * system that is not the machine's brings its own.
 */
public interface FileTrees {
    /** Gives two files or directories that lie beside each other each other's names, in one step. */
    void exchange(Path one, Path other);

    /**
     * Removes a directory and all below it, without following links or entering mounts.
     *
     * @return false if there was none
     * @throws Failure WRONG_STATE if something is mounted on it or below it
     */
    boolean remove(Path directory);

    /** Begins to write to disk what the file has (sync_file_range(2)), where there is a way to. */
    default void startWriteback(Path file) {}

    /** A file that is there, to be written from its beginning past the page cache (open(2), O_DIRECT), where there is a way to. */
    default Optional<Fd> openDirect(Path file) {
        return Optional.empty();
    }

    /** Those of the file system that the path is of. */
    static FileTrees of(Path path) {
        return path.getFileSystem() instanceof FileTrees own ? own : KernelTrees.INSTANCE;
    }
}
