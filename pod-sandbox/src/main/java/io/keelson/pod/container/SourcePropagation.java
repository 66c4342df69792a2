package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.MountInfo;
import io.keelson.host.linux.Mounts;
import io.keelson.pod.container.ContainerMount.Propagation;
import java.nio.file.Path;
import java.util.Optional;

/** A mount takes part in propagation only if the mount of the host that it is a copy of does (mount_namespaces(7)). */
final class SourcePropagation {
    private SourcePropagation() {}

    /** @throws Failure WRONG_STATE if what was asked for would silently do nothing */
    static void require(String where, Path source, Propagation wanted) {
        if (wanted == Propagation.PRIVATE) {
            return;
        }
        var lower = mountOf(source);
        if (lower.filter(mount -> hasEnough(mount, wanted)).isEmpty()) {
            throw Failure.wrongState(where + ": it cannot have the propagation " + wanted + ", since "
                    + lower.map(mount -> mount.mountPoint().toString()).orElse("what it lies on")
                    + (wanted == Propagation.BIDIRECTIONAL ? " is not a shared" : " is neither a shared nor a slave")
                    + " mount on the host");
        }
    }

    private static boolean hasEnough(MountInfo mount, Propagation wanted) {
        return mount.isShared() || (wanted == Propagation.HOST_TO_CONTAINER && mount.isSlave());
    }

    private static Optional<MountInfo> mountOf(Path source) {
        return Inodes.lstat(source)
                .map(Inodes.Stat::mountId)
                .flatMap(id -> Mounts.mountInfo().stream()
                        .filter(mount -> mount.mountId() == id)
                        .findFirst());
    }
}
