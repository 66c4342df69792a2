package io.keelson.pod.container;

import io.keelson.image.layer.Layer;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.image.rootfs.UserRequest;
import java.nio.file.Path;
import java.util.List;

/** Root file systems of containers. */
public interface ContainerRoots {
    /**
     * Mounts it below the container's directory. On failure nothing stays mounted.
     *
     * @param ids whose the files are on the node
     */
    Path mount(List<Layer> layers, Path containerDirectory, IdMap ids);

    /**
     * Mounts an image that is only looked at below the container's directory. On failure nothing of it stays mounted.
     *
     * @param number tells those of one container apart
     * @param subPath relative, what of it is wanted; empty for all
     * @return where that is
     */
    Path mountImage(List<Layer> layers, Path containerDirectory, int number, String subPath, IdMap ids);

    /** Makes the directory and those above it where they are missing, as the container's root user, and never outside of the root. */
    void makeDirectory(Path root, String directory, IdMap ids);

    ResolvedUser user(Path root, UserRequest request);

    /** The root file system and all images; that nothing is mounted is success. */
    void unmount(Path containerDirectory);
}
