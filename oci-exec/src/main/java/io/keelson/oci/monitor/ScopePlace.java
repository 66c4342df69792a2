package io.keelson.oci.monitor;

import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.systemd.SystemdUnits;

/** A scope of systemd's for each monitor, which ends with it. */
public final class ScopePlace implements MonitorGroup.Place {
    private static final String SLICE = "system.slice";

    private final SystemdUnits units;

    public ScopePlace(SystemdUnits units) {
        this.units = units;
    }

    @Override
    public void take(String containerId, ProcessIdentity monitor) {
        units.startScope(
                CgroupPaths.monitorScope(containerId), SLICE, "monitor of container " + containerId, monitor.pid());
    }
}
