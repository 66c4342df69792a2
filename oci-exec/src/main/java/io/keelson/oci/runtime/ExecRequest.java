package io.keelson.oci.runtime;

import io.keelson.host.json.Json;
import io.keelson.host.process.OutputShare;
import java.time.Duration;
import java.util.Optional;

/**
 * A command to run in a running container until it ends.
 *
 * @param process the OCI's {@code process}, which alone says who it is and what it may do; without a terminal
 * @param cgroup the container's group, by which whatever the command started is found after a timeout
 * @param timeout after which all of it is killed; absent for none
 * @param outputLimitBytes for each of stdout and stderr; the rest is dropped
 * @param share of the memory that all such outputs have together; what it has no room for is dropped, too
 */
public record ExecRequest(
        String containerId,
        Json.Obj process,
        String cgroup,
        Optional<Duration> timeout,
        int outputLimitBytes,
        OutputShare share) {
    /** What each stream may be in a reply of ExecSync: as in other CRI runtimes. */
    public static final int OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

    static final Duration UNLIMITED = Duration.ofDays(36_500);
}
