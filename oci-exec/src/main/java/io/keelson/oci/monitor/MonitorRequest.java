package io.keelson.oci.monitor;

import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.runtime.RuntimeHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A container to create under a monitor.
 *
 * @param id 64 hexadecimal digits
 * @param name for people, in what the monitor says
 * @param cgroup the container's group ({@link io.keelson.oci.cgroup.ContainerGroup#directory})
 * @param bundle the directory of {@code config.json}; the monitor puts its FIFOs and socket there, so one on a tmpfs is best
 * @param logPath absent if nothing is logged
 * @param openStdin the container's stdin is a pipe, for whoever attaches; otherwise it is at its end
 * @param leaveStdinOpen the pipe stays open when the first who attached leaves
 * @param deadline for the runtime's create
 */
public record MonitorRequest(
        String id,
        String name,
        RuntimeHandler handler,
        CgroupDriver driver,
        String cgroup,
        Path bundle,
        Optional<Path> logPath,
        boolean terminal,
        boolean openStdin,
        boolean leaveStdinOpen,
        Duration deadline) {
    /** Enough for a runtime on a machine that is very busy. */
    public static final Duration DEADLINE = Duration.ofMinutes(2);
}
