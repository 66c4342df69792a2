package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Inotify;
import io.keelson.host.linux.LinuxException;
import io.keelson.oci.monitor.MonitorControl;
import io.keelson.pod.container.ContainerState.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Has logs written to a new file after the old one was renamed (CRI v1, ReopenContainerLog). */
public final class ContainerLogs {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** From a monitor's end to the record of what it said. */
    private static final Duration END_PATIENCE = Duration.ofSeconds(2);

    private final PatientLooks<Boolean> looks = new PatientLooks<>(PatientLooks.PATIENCE);
    private final ContainerCatalog catalog;
    private final ContainerPaths paths;

    public ContainerLogs(ContainerCatalog catalog, ContainerPaths paths) {
        this.catalog = catalog;
        this.paths = paths;
    }

    /**
     * Returns when the file is there under its name. Nothing is made for a container that does not run.
     *
     * @throws Failure ABSENT, WRONG_STATE if it does not run or has no log, UNAVAILABLE if its monitor does not answer
     */
    public void reopen(ContainerId id) {
        var entry = catalog.require(id);
        if (!(entry.status().state() instanceof Running)) {
            throw notRunning(id);
        }
        var log = entry.record()
                .logPath()
                .orElseThrow(() -> Failure.wrongState("cannot reopen the log of container " + id + ": it has none"));
        try (var inotify = new Inotify()) {
            requireAnswer(log);
            inotify.watch(parent(log), Inotify.IN_CREATE | Inotify.IN_MOVED_TO);
            tellMonitor(id);
            var deadline = Deadline.in(PATIENCE);
            while (!Files.exists(log)) {
                if (inotify.read(deadline).isEmpty() && deadline.hasPassed()) {
                    throw Failure.unavailable("cannot reopen the log of container " + id + ": its monitor did not make "
                            + log + " within " + PATIENCE);
                }
            }
        } catch (LinuxException e) {
            throw DurableFiles.failed("reopen log", log, e);
        }
    }

    /** A look that hangs holds up others as well, unless it is made apart. */
    private void requireAnswer(Path log) {
        try {
            var _ = looks.at(log.toString(), () -> Files.exists(log));
        } catch (IOException e) {
            throw DurableFiles.failed("reopen log", log, e);
        }
    }

    private void tellMonitor(ContainerId id) {
        try {
            MonitorControl.reopenLog(paths.bundle(id));
        } catch (LinuxException e) {
            // A monitor ends with its container.
            if (catalog.awaitEnd(id, Deadline.in(END_PATIENCE))) {
                throw notRunning(id);
            }
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "cannot reopen the log of container " + id + ": its monitor does not listen: " + e.getMessage(),
                    e);
        }
    }

    private static Failure notRunning(ContainerId id) {
        return Failure.wrongState("cannot reopen the log of container " + id + ": it does not run");
    }

    private static Path parent(Path file) {
        var parent = file.getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
