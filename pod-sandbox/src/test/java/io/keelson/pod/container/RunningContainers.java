package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container.ContainerImage;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Containers for tests of what is told of them; there is nothing that runs. */
public final class RunningContainers {
    private static final Instant THEN = Instant.ofEpochSecond(1);

    private RunningContainers() {}

    /** Known, and running. */
    public static Container add(ContainerCatalog catalog, ContainerId id, PodId pod, String cgroup) {
        var record = new ContainerRecord(
                id,
                pod,
                new ConfigBuilder().build(),
                new ContainerImage("sha256:1", "busybox:1", "busybox@sha256:2"),
                List.of(),
                THEN,
                new ResolvedUser(0, 0, List.of(), "root", "/"),
                Optional.empty(),
                "SIGTERM",
                cgroup,
                "crun",
                List.of());
        catalog.add(ContainerEntry.of(record, status(new Running(THEN))));
        return catalog.get(id.hex());
    }

    /** Its end is written down, and told to those who listen. */
    public static void end(ContainerCatalog catalog, ContainerPaths paths, ContainerId id) {
        DurableFiles.mkdirs(paths.status(id).getParent());
        catalog.change(
                catalog.entry(id).orElseThrow(), status(new Exited(Optional.of(THEN), THEN, 0, "Completed", "")));
    }

    private static ContainerStatus status(ContainerState state) {
        return new ContainerStatus(
                state, "boot", new ProcessIdentity(1, 2), new ProcessIdentity(3, 4), LinuxResources.NONE);
    }
}
