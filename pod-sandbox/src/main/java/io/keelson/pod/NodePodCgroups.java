package io.keelson.pod;

import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.spec.LinuxResources;

/** {@link PodCgroups} in the node's cgroup file systems. */
public final class NodePodCgroups implements PodCgroups {
    /** A pod's own process gets a cgroup beside those of its containers: with version 2 only leaves have processes. */
    private static final String INIT = "/init";

    private final Cgroups cgroups;

    public NodePodCgroups(Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    @Override
    public void make(String path, LinuxResources limits) {
        cgroups.limit(path, limits);
    }

    @Override
    public void enter(String path, long pid) {
        cgroups.join(path + INIT, pid);
    }

    @Override
    public void remove(String path) {
        cgroups.killAll(path);
        cgroups.remove(path);
    }
}
