package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.MountInfo;
import io.keelson.host.linux.Mounts;
import io.keelson.oci.spec.SpecMount;
import io.keelson.pod.container.ContainerMount.Propagation;
import java.nio.file.Path;

/**
 * For a runtime that, in a user namespace, mounts a directory without what is mounted below it: refuses what it would leave out, for
 * a container that sees an empty directory in the place of a volume writes to the wrong one.
 */
final class SubmountCheck {
    private SubmountCheck() {}

    /**
     * @param mount as it was asked for, and {@code made} with its source resolved
     * @throws Failure WRONG_STATE if something is mounted below the source, INVALID if mounts made there later should appear
     */
    static void check(ContainerMount mount, SpecMount made, String runtime) {
        var where = MountCheck.where(mount);
        if (mount.propagation() != Propagation.PRIVATE) {
            throw Failure.invalid(where + ": in a user namespace, " + runtime + " makes no mounts with propagation");
        }
        var source = Path.of(made.source());
        Mounts.mountInfo().stream()
                .map(MountInfo::mountPoint)
                .filter(point -> point.startsWith(source) && !point.equals(source))
                .findFirst()
                .ifPresent(below -> {
                    throw Failure.wrongState(where + ": in a user namespace, " + runtime + " would leave out " + below
                            + ", which is mounted below it");
                });
    }
}
