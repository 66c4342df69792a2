package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file system of 128 MiB in a file. Layers are mounted from files, which a tmpfs does not allow. */
final class SmallDisk implements AutoCloseable {
    private final Path directory;
    private final Path root;

    private SmallDisk(Path directory, Path root) {
        this.directory = directory;
        this.root = root;
    }

    /**
     * Mounts a new one on {@code directory/root}.
     *
     * @param options of mke2fs(8)
     */
    static SmallDisk mount(Path directory, String... options) throws IOException, InterruptedException {
        var root = Files.createDirectory(directory.resolve("root"));
        var file = directory.resolve("disk").toString();
        Program.run(directory, List.of("truncate", "--size=128M", file)).expectSuccess();
        var make = new ArrayList<>(List.of("mkfs.ext4", "-q", "-m", "0"));
        make.addAll(List.of(options));
        make.add(file);
        Program.run(directory, make).expectSuccess();
        return mountAt(directory, root);
    }

    private static SmallDisk mountAt(Path directory, Path root) throws IOException, InterruptedException {
        var file = directory.resolve("disk").toString();
        Program.run(directory, List.of("mount", "-o", "loop,errors=remount-ro", file, root.toString()))
                .expectSuccess();
        return new SmallDisk(directory, root);
    }

    /** What is on the disk now, and not what the kernel is still going to write, as a disk of the other directory. */
    void copyTo(Path other) throws IOException, InterruptedException {
        Program.run(
                        directory,
                        List.of(
                                "cp",
                                "--sparse=always",
                                directory.resolve("disk").toString(),
                                other.resolve("disk").toString()))
                .expectSuccess();
    }

    /** Mounts what {@link #copyTo} has made; the kernel repairs it by its journal. */
    static SmallDisk mountCopy(Path directory) throws IOException, InterruptedException {
        return mountAt(directory, Files.createDirectory(directory.resolve("root")));
    }

    Path root() {
        return root;
    }

    /** Has the kernel find an error, and stop writing (Linux, Documentation/ABI/testing/sysfs-fs-ext4, trigger_fs_error). */
    void fail() throws IOException {
        var device = Path.of(Files.getFileStore(root).name()).getFileName().toString();
        Files.writeString(Path.of("/sys/fs/ext4", device, "trigger_fs_error"), "1");
    }

    @Override
    public void close() throws IOException {
        try {
            Program.run(directory, List.of("umount", "--lazy", root.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
