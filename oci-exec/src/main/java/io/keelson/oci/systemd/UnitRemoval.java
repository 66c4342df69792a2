package io.keelson.oci.systemd;

import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.CgroupRemoval;
import io.keelson.oci.cgroup.Cgroups;

/**
 * Takes groups away together with their units. systemd is asked only while the group is there, so that a bus that does not work
 * keeps nothing from going that is not; a group that was made without systemd is removed without it.
 */
public final class UnitRemoval implements CgroupRemoval {
    private final SystemdUnits units;
    private final Cgroups cgroups;

    public UnitRemoval(SystemdUnits units, Cgroups cgroups) {
        this.units = units;
        this.cgroups = cgroups;
    }

    @Override
    public void remove(String group) {
        cgroups.killAll(group);
        if (CgroupPaths.isUnit(group) && !cgroups.directories(group).isEmpty()) {
            units.stop(CgroupPaths.lastName(group));
        }
        // With version 1 it may be there in hierarchies that systemd leaves to the runtime.
        cgroups.remove(group);
    }
}
