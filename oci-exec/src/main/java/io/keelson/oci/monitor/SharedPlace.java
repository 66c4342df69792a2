package io.keelson.oci.monitor;

import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.Cgroups;

/** One group for all monitors. */
public final class SharedPlace implements MonitorGroup.Place {
    private static final String PATH = "/keelson/monitors";

    private final Cgroups cgroups;

    public SharedPlace(Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    @Override
    public void take(String containerId, ProcessIdentity monitor) {
        if (!cgroups.isIn(PATH, monitor.pid())) {
            cgroups.join(PATH, monitor.pid());
        }
    }
}
