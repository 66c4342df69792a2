package io.keelson.image.rootfs;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.HostTrouble;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole images as read-only trees, for containers that mount them beside their own root file system (CRI v1, Mount.image). Each lies
 * below its container's directory, with the number of its mount, and stands on the same mounted layers as root file systems do.
 */
public final class ImageTrees {
    private static final String DIRECTORY = "images";
    private static final String ROOT = "root";
    /** An empty directory on top, for the attributes of the root; it also makes two lower layers of one, which an overlay wants. */
    private static final String TOP = "top";

    private static final int ATTRIBUTES = Mounts.MOUNT_ATTR_RDONLY | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOSUID;
    private static final long INSIDE = Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_MAGICLINKS;

    private final LayerMounts layers;

    ImageTrees(LayerMounts layers) {
        this.layers = layers;
    }

    /**
     * Mounts the image, which nobody can write to. On failure nothing stays mounted but layers.
     *
     * @param number tells the trees of one container apart
     * @throws Failure INVALID for an image of too many layers
     */
    public Path mount(List<Layer> lowersBottomUp, Path containerDirectory, int number, IdMap ids) {
        var directory = containerDirectory.resolve(DIRECTORY).resolve(Integer.toString(number));
        try (var undo = new Rollback()) {
            undo.add("unmount the image in " + directory, () -> unmountOne(directory));
            var root = directory.resolve(ROOT);
            LowerLayers.makeDirectories(directory.resolve(TOP), root);
            var stack = LowerLayers.distinct(lowersBottomUp);
            try (var together = new LayerStack(stack)) {
                LowerLayers.takeOver(together.root(), directory.resolve(TOP), IdMap.IDENTITY);
                var corrections = LowerLayers.mountCorrections(layers, together, directory);
                layers.withMounted(stack.reversed(), mounted -> {
                    var lowers = new ArrayList<Path>();
                    lowers.add(directory.resolve(TOP));
                    lowers.addAll(corrections);
                    lowers.addAll(mounted);
                    LowerLayers.checkCount(lowers.size());
                    overlay(lowers, directory, containerDirectory, ids);
                });
            }
            undo.commit();
            return root;
        } catch (LinuxException e) {
            throw new Failure(HostTrouble.kind(e), "cannot mount the image in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static void overlay(List<Path> lowers, Path directory, Path containerDirectory, IdMap ids) {
        var root = directory.resolve(ROOT);
        if (ids.userNamespace().isEmpty()) {
            Overlay.mountReadOnly(lowers, root, ATTRIBUTES);
            return;
        }
        letThrough(containerDirectory.resolve(DIRECTORY), directory);
        try {
            Overlay.mountReadOnly(
                    MappedLayers.attach(lowers, ids.userNamespace().get(), directory), root, ATTRIBUTES);
        } finally {
            MappedLayers.detach(directory);
        }
    }

    /** Below the container's directory, which decides who comes so far. */
    private static void letThrough(Path... directories) {
        for (var directory : directories) {
            try {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            } catch (IOException e) {
                throw DurableFiles.failed("change the mode of", directory, e);
            }
        }
    }

    /**
     * The real path of something in a mounted tree. It stays what it is, since nobody can change the tree. Links are followed as
     * long as they stay inside.
     *
     * @param subPath relative; empty for the tree itself
     * @throws Failure ABSENT if there is no such thing, INVALID if the path leads out of the tree
     */
    public static Path resolve(Path root, String subPath) {
        if (subPath.isEmpty()) {
            return root;
        }
        try (var fd = Descriptors.open(root, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
                var found = Descriptors.openat2(fd, subPath, Descriptors.O_PATH, 0, INSIDE)) {
            return Files.readSymbolicLink(found.procPath());
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
                throw Failure.absent("the image has no such path");
            }
            throw new Failure(Failure.Kind.INVALID, "its path leads out of the image: " + e.getMessage(), e);
        } catch (IOException e) {
            throw DurableFiles.failed("resolve a path in", root, e);
        }
    }

    /** Unmounts all trees of the container, and leaves their directories; that there are none is success. */
    public void unmount(Path containerDirectory) {
        var directory = containerDirectory.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var trees = Files.newDirectoryStream(directory)) {
            trees.forEach(ImageTrees::unmountOne);
        } catch (IOException e) {
            throw DurableFiles.failed("unmount what is in", directory, e);
        }
    }

    private static void unmountOne(Path directory) {
        Mounts.unmountAll(directory.resolve(ROOT));
        MappedLayers.detach(directory);
        Mounts.unmountAll(LowerLayers.corrections(directory));
    }
}
