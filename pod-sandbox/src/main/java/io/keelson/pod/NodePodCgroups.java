package io.keelson.pod;

import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.spec.LinuxResources;

/** {@link PodCgroups} in the node's cgroup file systems. */
public final class NodePodCgroups implements PodCgroups {
    private static final CgroupDriver DRIVER = CgroupDriver.CGROUPFS;

    private final Cgroups cgroups;

    public NodePodCgroups(Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    @Override
    public String path(PodId pod, String parent) {
        return CgroupPaths.pod(DRIVER, parent, pod.hex());
    }

    @Override
    public void limit(PodId pod, String path, LinuxResources limits) {
        cgroups.limit(path, limits);
    }

    @Override
    public void enter(PodId pod, String path, long pid) {
        cgroups.join(CgroupPaths.init(DRIVER, path, pod.hex()), pid);
    }

    @Override
    public void leave(PodId pod, String path) {
        cgroups.end(CgroupPaths.init(DRIVER, path, pod.hex()));
    }

    @Override
    public void remove(String path) {
        cgroups.end(path);
    }
}
