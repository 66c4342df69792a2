package io.keelson.server;

import io.keelson.host.process.Command;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupRemoval;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.monitor.MonitorGroup;
import io.keelson.oci.monitor.ScopePlace;
import io.keelson.oci.monitor.SharedPlace;
import io.keelson.oci.systemd.SystemdUnits;
import io.keelson.oci.systemd.UnitRemoval;
import io.keelson.pod.NodePodCgroups;
import io.keelson.pod.PodCgroups;
import io.keelson.pod.SystemdPodCgroups;
import io.keelson.server.config.Configuration.Runtimes;
import java.util.HashMap;
import java.util.Map;

/**
 * The part of the parts list that depends on who makes control groups.
 *
 * @param environment of runtimes and monitors, which find the bus by it
 */
record CgroupParts(
        CgroupDriver driver,
        PodCgroups pods,
        MonitorGroup monitors,
        CgroupRemoval removal,
        Map<String, String> environment) {
    private static final String BUS = "DBUS_SYSTEM_BUS_ADDRESS";

    static CgroupParts of(Runtimes settings, Cgroups cgroups, Parts parts) {
        return switch (settings.cgroupDriver()) {
            case CGROUPFS ->
                new CgroupParts(
                        CgroupDriver.CGROUPFS,
                        new NodePodCgroups(cgroups),
                        new MonitorGroup(new SharedPlace(cgroups)),
                        cgroups::end,
                        Command.MINIMAL_ENVIRONMENT);
            case SYSTEMD -> systemd(settings.systemBus(), cgroups, parts);
        };
    }

    private static CgroupParts systemd(String bus, Cgroups cgroups, Parts parts) {
        var units = parts.add(new SystemdUnits(bus, cgroups.layout().isUnified(), SystemdUnits.PATIENCE));
        var removal = new UnitRemoval(units, cgroups);
        var environment = new HashMap<>(Command.MINIMAL_ENVIRONMENT);
        environment.put(BUS, bus);
        return new CgroupParts(
                CgroupDriver.SYSTEMD,
                new SystemdPodCgroups(units, removal),
                new MonitorGroup(new ScopePlace(units)),
                removal,
                Map.copyOf(environment));
    }
}
