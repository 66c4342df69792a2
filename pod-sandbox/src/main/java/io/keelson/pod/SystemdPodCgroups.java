package io.keelson.pod;

import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.CgroupRemoval;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.systemd.SystemdUnits;

/** {@link PodCgroups} as slices of systemd, with a scope for a pod's own process. */
public final class SystemdPodCgroups implements PodCgroups {
    private static final CgroupDriver DRIVER = CgroupDriver.SYSTEMD;

    private final SystemdUnits units;
    private final CgroupRemoval removal;

    public SystemdPodCgroups(SystemdUnits units, CgroupRemoval removal) {
        this.units = units;
        this.removal = removal;
    }

    @Override
    public String path(PodId pod, String parent) {
        return CgroupPaths.pod(DRIVER, parent, pod.hex());
    }

    @Override
    public void limit(PodId pod, String path, LinuxResources limits) {
        units.startSlice(CgroupPaths.lastName(path), "pod " + pod, limits);
    }

    @Override
    public void enter(PodId pod, String path, long pid) {
        units.startScope(CgroupPaths.lastName(init(pod, path)), CgroupPaths.lastName(path), "init of pod " + pod, pid);
    }

    @Override
    public void leave(PodId pod, String path) {
        removal.remove(init(pod, path));
    }

    @Override
    public void remove(String path) {
        removal.remove(path);
    }

    private static String init(PodId pod, String path) {
        return CgroupPaths.init(DRIVER, path, pod.hex());
    }
}
