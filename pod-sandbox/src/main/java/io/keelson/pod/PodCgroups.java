package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;

/** The cgroups of pods: below them lie those of their containers, and with the first of these the runtime makes them. */
public interface PodCgroups {
    /**
     * The pod's group, below each hierarchy's root.
     *
     * @param parent as the caller names it; empty for one of the pod's own
     * @throws Failure INVALID for one that cannot be on this node
     */
    String path(PodId pod, String parent);

    /** Limits all that is in a pod's own group, which is made if it is not there. What is not said stays, and -1 takes a limit away. */
    void limit(PodId pod, String path, LinuxResources limits);

    /** Puts the pod's own process beside its containers. */
    void enter(PodId pod, String path, long pid);

    /** Kills what is left of that, and takes its group away; absence is success. */
    void leave(PodId pod, String path);

    /** Kills whatever is in it and removes it; its absence is success. */
    void remove(String path);
}
