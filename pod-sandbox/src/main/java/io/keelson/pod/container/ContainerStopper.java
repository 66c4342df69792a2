package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends containers (CRI v1, StopContainer). */
public final class ContainerStopper {
    /** From the kill of all processes to the monitor's word of the end. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(15);

    /** What it holds is given back at once, unless the runtime is in trouble; then its removal sees to that. */
    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(ContainerStopper.class);

    private final ContainerCatalog catalog;
    private final ContainerRuntime runtime;
    private final StopSignals signals;

    public ContainerStopper(ContainerCatalog catalog, ContainerPaths paths, ContainerRuntime runtime) {
        this.catalog = catalog;
        this.runtime = runtime;
        signals = new StopSignals(paths, runtime, new OomKills(paths, runtime));
    }

    /**
     * Ends the container, and has the runtime give back what it had of the node: its cgroup is gone, and its removal is quick.
     *
     * @throws Failure as {@link #end}
     */
    public void stop(ContainerId id, Duration grace) {
        if (end(id, grace)) {
            catalog.awaitRelease(id, Deadline.in(RELEASE_PATIENCE));
        }
    }

    /**
     * Ends the container: its stop signal, then up to {@code grace} (zero kills at once), then SIGKILL to every process in its
     * cgroup. One that is paused goes on, so that it hears either. Of several requests the one whose grace ends first decides; the
     * signal is sent once. No lock is held meanwhile: a process that does not die holds up nobody else. A container already stopped
     * or removed is a success. True if it ended here.
     *
     * @throws Failure TIMEOUT if its processes cannot be killed, CANCELLED when interrupted; the signal is not taken back
     */
    boolean end(ContainerId id, Duration grace) {
        var entry = catalog.entry(id);
        if (entry.isEmpty() || entry.get().status().hasEnded()) {
            return false;
        }
        if (!endsWithin(entry.get(), grace)) {
            kill(entry.get());
        }
        log.atInfo()
                .addKeyValue("event", "container-stopped")
                .addKeyValue("container", id)
                .log("stopped container {}", id);
        return true;
    }

    /** One that was never let go has nobody to hear a signal. */
    private boolean endsWithin(ContainerEntry entry, Duration grace) {
        if (grace.isZero() || !(entry.status().state() instanceof Running)) {
            return false;
        }
        signals.send(entry);
        return catalog.awaitEnd(entry.id(), Deadline.in(grace));
    }

    private void kill(ContainerEntry entry) {
        signals.noteKill(entry);
        runtime.killAll(entry.record().cgroup());
        if (!catalog.awaitEnd(entry.id(), Deadline.in(KILL_PATIENCE))) {
            throw Failure.timeout("cannot stop container " + entry.id()
                    + ": its processes were killed, and its monitor does not say that it has ended");
        }
    }
}
