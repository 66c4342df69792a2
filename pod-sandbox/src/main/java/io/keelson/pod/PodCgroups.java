package io.keelson.pod;

import io.keelson.oci.spec.LinuxResources;

/** The cgroups of pods: below them lie those of their containers, and with the first of these the runtime makes them. */
public interface PodCgroups {
    /** Makes a pod's own group with limits for all that is in it. */
    void make(String path, LinuxResources limits);

    /** Puts a process of the pod itself there. */
    void enter(String path, long pid);

    /** Kills whatever is in it and removes it; its absence is success. */
    void remove(String path);
}
