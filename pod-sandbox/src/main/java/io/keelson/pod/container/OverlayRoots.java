package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.image.layer.Layer;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.ImageTrees;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.image.rootfs.RootUsers;
import io.keelson.image.rootfs.UserRequest;
import java.nio.file.Path;
import java.util.List;

/** {@link ContainerRoots} as the image service makes them. */
public final class OverlayRoots implements ContainerRoots {
    private static final int PLACE = Descriptors.O_PATH | Descriptors.O_DIRECTORY;
    /** Links are followed as the container itself would see them (CVE-2026-55686). */
    private static final long INSIDE = Descriptors.RESOLVE_IN_ROOT | Descriptors.RESOLVE_NO_MAGICLINKS;

    private static final int MODE = 0755;

    private final RootFilesystems filesystems;
    private final RootUsers users = new RootUsers();

    public OverlayRoots(RootFilesystems filesystems) {
        this.filesystems = filesystems;
    }

    @Override
    public Path mount(List<Layer> layers, Path containerDirectory, IdMap ids) {
        return filesystems.mount(layers, containerDirectory, ids).root();
    }

    @Override
    public Path mountImage(List<Layer> layers, Path containerDirectory, int number, String subPath, IdMap ids) {
        return ImageTrees.resolve(filesystems.trees().mount(layers, containerDirectory, number, ids), subPath);
    }

    @Override
    public void makeDirectory(Path root, String directory, IdMap ids) {
        try (var fd = Descriptors.open(root, PLACE, 0)) {
            var path = new StringBuilder();
            for (var name : directory.split("/", -1)) {
                if (!name.isEmpty() && !name.equals(".")) {
                    makeOne(fd, path, name, ids);
                }
            }
        } catch (LinuxException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    "cannot make the working directory \"" + directory + "\" in the container: " + e.getMessage(),
                    e);
        }
    }

    private static void makeOne(Fd root, StringBuilder path, String name, IdMap ids) {
        try (var parent = Descriptors.openat2(root, path.isEmpty() ? "." : path.toString(), PLACE, 0, INSIDE)) {
            path.append(path.isEmpty() ? "" : "/").append(name);
            try (var _ = Descriptors.openat2(root, path.toString(), PLACE, 0, INSIDE)) {
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOENT)) {
                    throw e;
                }
            }
            Inodes.mkdirat(parent, name, MODE);
            try (var made = Descriptors.openat2(root, path.toString(), PLACE, 0, INSIDE)) {
                Inodes.fchown(made, ids.rootUid(), ids.rootGid());
            }
        }
    }

    @Override
    public ResolvedUser user(Path root, UserRequest request) {
        return users.resolve(root, request);
    }

    @Override
    public void unmount(Path containerDirectory) {
        filesystems.unmount(containerDirectory);
        filesystems.trees().unmount(containerDirectory);
    }
}
