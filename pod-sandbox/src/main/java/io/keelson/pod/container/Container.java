package io.keelson.pod.container;

import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.PodId;
import io.keelson.pod.StartTimeline;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A container at one moment: all that listing it and its status need.
 *
 * @param image what it was made from
 * @param logPath absolute; absent if it has no log
 * @param resources those in force
 * @param stopSignal as a name, {@code SIGTERM}
 * @param cgroup its own, below the root of each hierarchy
 * @param timeline how long its making and its start took
 */
public record Container(
        ContainerId id,
        PodId pod,
        ContainerConfig config,
        ContainerImage image,
        ContainerState state,
        Instant createdAt,
        ResolvedUser user,
        Optional<Path> logPath,
        LinuxResources resources,
        String stopSignal,
        String cgroup,
        StartTimeline timeline) {
    /**
     * The image of a container; it stays what it is when the image is removed.
     *
     * @param id of the image, {@code sha256:…}
     * @param name one of its names, never empty
     * @param digestName a name with digest, or the id if it has none
     */
    public record ContainerImage(String id, String name, String digestName) {}
}
