package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets containers go (CRI v1, StartContainer). */
public final class ContainerStarter {
    /** As other runtimes report a container that could not be started. */
    private static final int START_ERROR_CODE = 128;

    private static final Logger log = LoggerFactory.getLogger(ContainerStarter.class);

    private final ContainerCatalog catalog;
    private final ContainerRuntime runtime;
    private final InstantSource clock;

    public ContainerStarter(ContainerCatalog catalog, ContainerRuntime runtime, InstantSource clock) {
        this.catalog = catalog;
        this.runtime = runtime;
        this.clock = clock;
    }

    /**
     * Starts a container that was created and nothing else. One that cannot be started has ended with reason StartError.
     *
     * @throws Failure ABSENT, WRONG_STATE if it was started or has ended, and with the runtime's words if it cannot be started
     */
    public void start(ContainerId id) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.require(id);
            if (!(entry.status().state() instanceof Created)) {
                throw Failure.wrongState("cannot start container " + id + ": it is "
                        + entry.status().state().kind() + ", not CREATED");
            }
            var begin = System.nanoTime();
            try {
                runtime.start(entry.record().handler(), id);
                var took = Duration.ofNanos(System.nanoTime() - begin);
                catalog.change(
                        entry,
                        entry.status()
                                .with(entry.status().timeline().with("start", took))
                                .with(new Running(clock.instant())));
            } catch (Failure e) {
                endHalfStarted(entry, e);
                throw e;
            }
            log.atInfo()
                    .addKeyValue("event", "container-started")
                    .addKeyValue("container", id)
                    .log("started container {}", id);
        }
    }

    /** Nothing half-started stays, and the words reach whoever asks later. */
    private void endHalfStarted(ContainerEntry entry, Failure why) {
        try {
            runtime.killAll(entry.record().cgroup());
        } catch (Failure e) {
            why.addSuppressed(e);
        } finally {
            catalog.change(
                    entry,
                    entry.status()
                            .with(new Exited(
                                    Optional.empty(),
                                    clock.instant(),
                                    START_ERROR_CODE,
                                    ContainerEnds.START_ERROR,
                                    String.valueOf(why.getMessage()))));
            // What the runtime has of it goes with its removal.
            catalog.released(entry.id());
        }
    }
}
