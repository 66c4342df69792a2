package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.process.ProcessIdentity;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the inits of pods that share a PID namespace. With its init the kernel ends everything in the namespace, and lets
 * nothing into it again: such a pod is not ready, and kubelet makes another.
 */
public final class PodInits {
    private static final Logger log = LoggerFactory.getLogger(PodInits.class);
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final PodCatalog catalog;

    public PodInits(PodCatalog catalog) {
        this.catalog = catalog;
    }

    /** Returns at once; a pod without an init needs nobody to watch it. */
    void follow(PodEntry entry) {
        entry.status()
                .init()
                .ifPresent(
                        init -> Thread.ofVirtual().name("init-of-" + entry.id()).start(() -> await(entry.id(), init)));
    }

    private void await(PodId id, ProcessIdentity init) {
        var handle = init.open();
        if (handle.isPresent()) {
            try (var pidfd = handle.get()) {
                pidfd.awaitExit(Deadline.in(FOR_EVER));
            }
        }
        try {
            ended(id, init);
        } catch (Failure e) {
            // The next daemon finds out.
            log.atError()
                    .addKeyValue("event", "pod-status-not-written")
                    .addKeyValue("pod", id)
                    .setCause(e)
                    .log("cannot write down that the init of pod {} has ended", id);
        }
    }

    /** That of a pod which is being stopped was meant to end. */
    private void ended(PodId id, ProcessIdentity init) {
        try (var _ = catalog.lock(id)) {
            var ready = catalog.entry(id)
                    .filter(entry -> entry.status().state() == PodState.READY)
                    .filter(entry -> entry.status().init().filter(init::equals).isPresent());
            if (ready.isPresent()) {
                catalog.change(ready.get(), ready.get().status().notReady());
                log.atWarn()
                        .addKeyValue("event", "pod-not-ready")
                        .addKeyValue("pod", id)
                        .log("pod {} is not ready: the init of its PID namespace has ended", id);
            }
        }
    }
}
