package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.monitor.Exit;
import io.keelson.pod.container.ContainerState.Exited;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down how containers end: by what their monitors say or, if a monitor was killed, by the fact of that. */
public final class ContainerEnds {
    static final String COMPLETED = "Completed";
    static final String ERROR = "Error";
    static final String OOM_KILLED = "OOMKilled";
    static final String START_ERROR = "StartError";

    /** Nobody knows; it was no success. */
    static final int UNKNOWN_CODE = 255;

    private static final Logger log = LoggerFactory.getLogger(ContainerEnds.class);

    private final ContainerCatalog catalog;
    private final ContainerRuntime runtime;
    private final OomKills oomKills;
    private final DeathCertificate certificate;
    private final InstantSource clock;
    private final LongAdder lostMonitors = new LongAdder();

    public ContainerEnds(
            ContainerCatalog catalog, ContainerPaths paths, ContainerRuntime runtime, InstantSource clock) {
        this.catalog = catalog;
        this.runtime = runtime;
        oomKills = new OomKills(paths, runtime);
        certificate = new DeathCertificate(paths, runtime);
        this.clock = clock;
    }

    /** How many monitors ended without a word since the daemon began. */
    public long lostMonitors() {
        return lostMonitors.sum();
    }

    /** Looks after a container until it ends. Its exit file is usually seen before its monitor's end. */
    void follow(ContainerEntry entry) {
        runtime.onMonitorEnd(entry.id(), entry.status().monitor(), () -> monitorEnded(entry.id()));
    }

    /** As {@link #ended}, of which the caller does not wait for the rest: what is left of a container may be slow to die. */
    public void tell(Exit exit) {
        Thread.ofVirtual().name("exit-of-" + exit.id()).start(() -> {
            try {
                ended(exit);
            } catch (Failure e) {
                notRecorded(exit.id(), e);
            }
        });
    }

    private static void notRecorded(String id, Failure e) {
        log.atError()
                .addKeyValue("event", "container-end-not-recorded")
                .addKeyValue("container", id)
                .setCause(e)
                .log("cannot record the end of container {}", id);
    }

    /** A monitor has written how its container ended. For one that is not ours, or has ended already, nothing happens. */
    void ended(Exit exit) {
        var id = new ContainerId(exit.id());
        try (var _ = catalog.lock(id)) {
            catalog.entry(id).filter(entry -> !entry.status().hasEnded()).ifPresent(entry -> record(entry, exit));
        }
    }

    /** Without an exit file it was the monitor that was killed; its container would go on unseen, so it is ended. */
    private void monitorEnded(ContainerId id) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id).filter(each -> !each.status().hasEnded());
            if (entry.isEmpty()) {
                return;
            }
            var exit = runtime.exit(id);
            if (exit.isPresent()) {
                record(entry.get(), exit.get());
            } else {
                lostMonitors.increment();
                recordLost(entry.get(), "its monitor ended without saying how the container did");
            }
        } catch (Failure e) {
            notRecorded(id.hex(), e);
        }
    }

    /** Ends what may be left of it, with an exit code that nobody can take for a success. The caller holds the lock. */
    void recordLost(ContainerEntry entry, String why) {
        killRest(entry);
        change(entry, new Exited(startedAt(entry), clock.instant(), UNKNOWN_CODE, ERROR, why));
    }

    /** The caller holds the lock. */
    void record(ContainerEntry entry, Exit exit) {
        var reason = exit.code() == 0 ? COMPLETED : oomKills.explain(entry, exit) ? OOM_KILLED : ERROR;
        var message = certificate.of(entry, exit, reason);
        // What shares its pod's or the host's PID namespace does not end with its first process.
        killRest(entry);
        var startedAt = startedAt(entry);
        // The clock of file systems, by which the monitor tells the time, may be some milliseconds behind.
        var finishedAt = startedAt.filter(exit.finishedAt()::isBefore).orElse(exit.finishedAt());
        change(entry, new Exited(startedAt, finishedAt, exit.code(), reason, message));
    }

    /** An end that was told once is never told again: it counts, whatever is left. The removal kills once more. */
    private void killRest(ContainerEntry entry) {
        try {
            runtime.killAll(entry.record().cgroup());
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "processes-left")
                    .addKeyValue("container", entry.id())
                    .log("container {} has ended, and something of it is left: {}", entry.id(), e.getMessage());
        }
    }

    private void change(ContainerEntry entry, Exited exited) {
        catalog.change(entry, entry.status().with(exited));
        log.atInfo()
                .addKeyValue("event", "container-exited")
                .addKeyValue("container", entry.id())
                .addKeyValue("code", exited.exitCode())
                .addKeyValue("reason", exited.reason())
                .log("container {} ended", entry.id());
        release(entry);
    }

    /**
     * Has the runtime forget a container that has ended, as soon as its end is known, so that nobody waits for that when it is removed;
     * the removal does again what could not be done here.
     */
    void release(ContainerEntry entry) {
        var id = entry.id();
        Thread.ofVirtual().name("release-" + id).start(() -> {
            try (var _ = catalog.lock(id)) {
                if (catalog.entry(id).isPresent()) {
                    runtime.release(entry.record().handler(), id, entry.record().cgroup());
                }
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "container-not-released")
                        .addKeyValue("container", id)
                        .log("something of container {} is left until it is removed: {}", id, e.getMessage());
            } finally {
                catalog.released(id);
            }
        });
    }

    private static Optional<Instant> startedAt(ContainerEntry entry) {
        return entry.status().state() instanceof ContainerState.Running(Instant at)
                ? Optional.of(at)
                : Optional.empty();
    }
}
