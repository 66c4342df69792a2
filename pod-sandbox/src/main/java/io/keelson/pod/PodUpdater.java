package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes note of what pods may use of the machine (CRI v1, UpdatePodSandboxResources). */
public final class PodUpdater {
    private static final Logger log = LoggerFactory.getLogger(PodUpdater.class);

    private final PodCatalog catalog;

    public PodUpdater(PodCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * Writes down the pod's resources, of which its verbose status tells. Nothing is done to its cgroup: where the caller made it
     * (kubelet does for every pod), the caller has changed it before it calls, and another hand would take that back; where Keelson
     * made it, it limits nothing, at the pod's start neither. CRI-O and containerd leave the cgroup alone as well, and pass the
     * values on to plugins.
     *
     * @param overhead absent to leave it as it is, as is {@code resources}
     * @throws Failure ABSENT, WRONG_STATE if the pod is not ready
     */
    public void update(PodId id, Optional<LinuxResources> overhead, Optional<LinuxResources> resources) {
        try (var _ = catalog.lock(id)) {
            var entry = catalog.entry(id).orElseThrow(() -> Failure.absent("there is no pod " + id));
            if (entry.status().state() != PodState.READY) {
                throw Failure.wrongState("cannot change the resources of pod " + id + ": it is not ready");
            }
            var before = entry.limits();
            catalog.change(
                    entry,
                    entry.status()
                            .with(new PodLimits(
                                    overhead.orElse(before.overhead()), resources.orElse(before.resources()))));
            log.atInfo()
                    .addKeyValue("event", "pod-updated")
                    .addKeyValue("pod", id)
                    .log("took note of the resources of pod {}", id);
        }
    }
}
