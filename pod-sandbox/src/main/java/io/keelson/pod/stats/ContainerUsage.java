package io.keelson.pod.stats;

import io.keelson.oci.cgroup.CgroupUsage;
import io.keelson.pod.container.Container;
import java.time.Instant;

/** What a container uses, and when that was looked at. */
public record ContainerUsage(Container container, Instant at, CgroupUsage usage) {}
