package io.keelson.oci.cgroup;

/** Takes groups away, as whoever makes them on this node has it done. */
@FunctionalInterface
public interface CgroupRemoval {
    /** Kills what is in the group and in those below it, and removes them. Absence is success. */
    void remove(String group);
}
