package io.keelson.image.rootfs;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.LoopDevice;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Layers as directories: each layer mounted once, at the hex of its diffID. Whether it is, only the kernel knows. */
final class LayerMounts {
    /** Of the EROFS files that we write. */
    private static final int BLOCK_BYTES = 4096;

    private static final String TREES = "layers pulled with [storage] layer_store = \"directory\" need neither";

    private static final int ATTRIBUTES = Mounts.MOUNT_ATTR_RDONLY | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOSUID;

    private final Path directory;
    private final LayerKind kind;
    private final ErofsMounts kernel;
    private final KeyedLocks<Digest> locks = new KeyedLocks<>();
    /** Shared by who needs mounted layers for a moment, exclusive for who unmounts. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    LayerMounts(Path directory, LayerKind kind) {
        this(directory, kind, LayerMounts::mountHere);
    }

    /** @param kernel that mounts the files */
    LayerMounts(Path directory, LayerKind kind, ErofsMounts kernel) {
        this.directory = directory;
        this.kind = kind;
        this.kernel = kernel;
    }

    /** How a kernel mounts EROFS. */
    @FunctionalInterface
    interface ErofsMounts {
        /**
         * @param source a file, or a block device
         * @throws LinuxException ENODEV from a kernel without EROFS, ENOTBLK from one that takes block devices alone
         */
        void mount(Path source, Path target);
    }

    /** Of layers that are made for one container. */
    LayerKind kind() {
        return kind;
    }

    /** Runs the action with the mounted layers, in the order of the layers; none of them goes away meanwhile. */
    void withMounted(List<Layer> layers, Consumer<List<Path>> action) {
        use.readLock().lock();
        try {
            action.accept(layers.stream().map(this::mounted).toList());
        } finally {
            use.readLock().unlock();
        }
    }

    private Path mounted(Layer layer) {
        var target = directory.resolve(layer.diffId().hex());
        if (Mounts.isMountPoint(target)) {
            return target;
        }
        try (var _ = locks.lock(layer.diffId())) {
            if (!Mounts.isMountPoint(target)) {
                Files.createDirectories(target);
                mount(layer.file(), target);
            }
        } catch (IOException e) {
            throw DurableFiles.failed("make directory", target, e);
        }
        return target;
    }

    /**
     * Mounts a tree, or an EROFS file: as it is, which Linux 6.12 and later do, or by a loop device. Device nodes in it cannot be opened
     * through this mount, and nothing on it raises privileges.
     */
    void mount(Path layer, Path target) {
        if (Files.isDirectory(layer)) {
            bind(layer, target);
        } else if (kind == LayerKind.EROFS_LOOP) {
            mountLoop(layer, target);
        } else {
            mountFile(layer, target);
        }
    }

    private static void bind(Path tree, Path target) {
        try (var copy = Mounts.openTree(tree, Mounts.OPEN_TREE_CLONE)) {
            Mounts.mountSetattr(copy, 0, ATTRIBUTES, 0, Mounts.MS_PRIVATE);
            Mounts.moveMount(copy, target);
        }
    }

    private void mountFile(Path file, Path target) {
        try {
            kernel.mount(file, target);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOTBLK) || kind == LayerKind.EROFS) {
                throw explained(file, e);
            }
            mountLoop(file, target);
        }
    }

    private void mountLoop(Path file, Path target) {
        try (var device = LoopDevice.attach(file, BLOCK_BYTES)) {
            kernel.mount(device.path(), target);
        } catch (LinuxException e) {
            throw explained(file, e);
        }
    }

    private static void mountHere(Path file, Path target) {
        try (var context = Mounts.fsopen("erofs");
                var source = PathArgument.of(file)) {
            Mounts.fsconfigString(context, "source", source.text());
            Mounts.fsconfigFlag(context, "ro");
            Mounts.fsconfigCreate(context);
            try (var mount = Mounts.fsmount(context, ATTRIBUTES)) {
                Mounts.moveMount(mount, target);
            }
        }
    }

    /** What an operator can do something about is a state of the node, and not a fault of ours. */
    private static RuntimeException explained(Path file, LinuxException e) {
        var what = "cannot mount layer " + file + ": ";
        if (e.is(Errno.ENODEV)) {
            return new Failure(Failure.Kind.WRONG_STATE, what + "this kernel has no EROFS; " + TREES, e);
        }
        if (e.is(Errno.ENOTBLK)) {
            return new Failure(
                    Failure.Kind.WRONG_STATE,
                    what + "this kernel mounts no EROFS files, which Linux 6.12 and later do, without loop devices; "
                            + TREES,
                    e);
        }
        if (e.is(Errno.ENOENT) && Files.exists(file)) {
            return new Failure(Failure.Kind.WRONG_STATE, what + "there is no loop device for it: " + e.getMessage(), e);
        }
        return e;
    }

    void unmount(Digest diffId) {
        use.writeLock().lock();
        try {
            Mounts.unmountAll(directory.resolve(diffId.hex()));
        } finally {
            use.writeLock().unlock();
        }
    }

    void unmountUnused(Set<Digest> inUse) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        var used = inUse.stream().map(Digest::hex).collect(Collectors.toSet());
        use.writeLock().lock();
        try (var children = Files.newDirectoryStream(directory)) {
            for (var child : children) {
                if (!used.contains(child.getFileName().toString())) {
                    Mounts.unmountAll(child);
                    Files.deleteIfExists(child);
                }
            }
        } catch (IOException e) {
            throw DurableFiles.failed("unmount layers in", directory, e);
        } finally {
            use.writeLock().unlock();
        }
    }
}
