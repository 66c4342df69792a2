package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.oci.cgroup.GroupLook;
import io.keelson.pod.stats.Moments.Moment;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * What the group of a pod or a container used at one moment, for all who ask then.
 *
 * @param look reads what is not part of the usage when somebody first asks for it
 * @param cpuRate nanoseconds of CPU time a second, of the last seconds
 */
record Reading(Moment moment, GroupLook look, CgroupUsage usage, OptionalLong cpuRate) {
    /** Before anything of it was read. */
    Instant at() {
        return moment.at();
    }
}
