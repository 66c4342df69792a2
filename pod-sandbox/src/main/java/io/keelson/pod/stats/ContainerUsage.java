package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.pod.container.Container;
import io.keelson.pod.stats.WritableLayers.LayerUsage;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container uses, and when that was looked at.
 *
 * @param cpuRate nanoseconds of CPU time a second, of the last seconds
 */
public record ContainerUsage(
        Container container, Instant at, CgroupUsage usage, OptionalLong cpuRate, Optional<LayerUsage> writable) {}
