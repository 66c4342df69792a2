package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.Cgroups;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control group that all monitors are in, outside of those of pods: no container's limit ends one of them, and neither does
 * what happens to the daemon's own group.
 */
public final class MonitorGroup {
    private static final String PATH = "/keelson/monitors";
    private static final Logger log = LoggerFactory.getLogger(MonitorGroup.class);

    private final Cgroups cgroups;
    private final OomProtection protection = new OomProtection();

    public MonitorGroup(Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    /**
     * Brings a monitor there, if it is elsewhere. This may take the kernel a grace period of RCU, some 10 ms, so nobody should
     * wait for it. A monitor that stays where it was, works: that is logged.
     */
    public void admit(ProcessIdentity monitor) {
        try {
            protection.protect(monitor.pid());
            if (!cgroups.isIn(PATH, monitor.pid())) {
                cgroups.join(PATH, monitor.pid());
            }
        } catch (Failure e) {
            if (monitor.isAlive()) {
                log.atWarn()
                        .addKeyValue("event", "monitor-not-moved")
                        .addKeyValue("pid", monitor.pid())
                        .log("a monitor is not in the group of monitors: {}", e.getMessage());
            }
        }
    }
}
