package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.ProcessIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps monitors in control groups outside of those of pods and of the daemon: no container's limit ends one of them, and neither
 * does what happens to the daemon's own group.
 */
public final class MonitorGroup {
    private static final Logger log = LoggerFactory.getLogger(MonitorGroup.class);

    /** Where a monitor goes. */
    @FunctionalInterface
    public interface Place {
        /** Brings the monitor of a container there, if it is elsewhere. */
        void take(String containerId, ProcessIdentity monitor);
    }

    private final Place place;
    private final OomProtection protection = new OomProtection();

    public MonitorGroup(Place place) {
        this.place = place;
    }

    /**
     * Brings a monitor there. This may take the kernel a grace period of RCU, some 10 ms, so nobody should wait for it. A monitor
     * that stays where it was, works: that is logged.
     */
    public void admit(String containerId, ProcessIdentity monitor) {
        try {
            protection.protect(monitor.pid());
            place.take(containerId, monitor);
        } catch (Failure e) {
            if (monitor.isAlive()) {
                log.atWarn()
                        .addKeyValue("event", "monitor-not-moved")
                        .addKeyValue("container", containerId)
                        .addKeyValue("pid", monitor.pid())
                        .log("a monitor is not in the group of monitors: {}", e.getMessage());
            }
        }
    }
}
