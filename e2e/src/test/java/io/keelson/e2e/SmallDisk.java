package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file system of 128 MiB in a file. Layers are mounted from files, which a tmpfs does not allow. */
final class SmallDisk implements Closeable {
    private final Path file;
    private final Path root;

    private SmallDisk(Path file, Path root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Mounts a new one on {@code directory/root}.
     *
     * @param options of mke2fs(8)
     */
    static SmallDisk mountNew(Path directory, String... options) throws IOException, InterruptedException {
        var file = directory.resolve("disk");
        make(file, options);
        return mount(file, Files.createDirectory(directory.resolve("root")));
    }

    /** Makes the file, with nothing on it. */
    static void make(Path file, String... options) throws IOException, InterruptedException {
        Program.run(file.getParent(), List.of("truncate", "--size=128M", file.toString()))
                .expectSuccess();
        var make = new ArrayList<>(List.of("mkfs.ext4", "-q", "-m", "0"));
        make.addAll(List.of(options));
        make.add(file.toString());
        Program.run(file.getParent(), make).expectSuccess();
    }

    /** What is in the file; the kernel repairs it by its journal. */
    static SmallDisk mount(Path file, Path root) throws IOException, InterruptedException {
        Program.run(
                        root.getParent(),
                        List.of("mount", "-o", "loop,errors=remount-ro", file.toString(), root.toString()))
                .expectSuccess();
        return new SmallDisk(file, root);
    }

    /** What is on the disk now, and not what the kernel is still going to write, as a disk of the other directory. */
    void copyTo(Path other) throws IOException, InterruptedException {
        Program.run(
                        other,
                        List.of(
                                "cp",
                                "--sparse=always",
                                file.toString(),
                                other.resolve("disk").toString()))
                .expectSuccess();
    }

    /** Mounts what {@link #copyTo} has made. */
    static SmallDisk mountCopy(Path directory) throws IOException, InterruptedException {
        return mount(directory.resolve("disk"), Files.createDirectory(directory.resolve("root")));
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
            Program.run(root.getParent(), List.of("umount", "--lazy", root.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
