package io.keelson.pod;

/** The cgroups of pods: below them lie those of their containers. */
public interface PodCgroups {
    /** Makes the pod's cgroup where Keelson owns it; it may exist. */
    void make(String path);

    /** Puts a process of the pod itself there. */
    void enter(String path, long pid);

    /** Kills whatever is in it and removes it; its absence is success. */
    void remove(String path);
}
