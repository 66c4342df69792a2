package io.keelson.oci.monitor;

import java.time.Instant;
import java.util.Optional;

/**
 * How a container ended, as its monitor wrote it down.
 *
 * @param code its exit code, or 128 and the number of the signal that ended it
 * @param oomAt when the kernel first killed a process of it for want of memory
 */
public record Exit(String id, int code, Instant finishedAt, Optional<Instant> oomAt) {}
