package io.keelson.pod.container;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs commands in containers and waits for them (CRI v1, ExecSync). */
public final class ExecSync {
    /** @param isTruncated one of the streams went beyond its limit, and the rest of it was dropped */
    public record Result(int exitCode, byte[] stdout, byte[] stderr, boolean isTruncated) {}

    /**
     * @param timeout absent for none
     * @throws io.keelson.host.failure.Failure TIMEOUT, after everything that the command started was killed; ABSENT or WRONG_STATE
     *     if there is no such container or it does not run
     */
    public Result run(ContainerId id, List<String> command, Optional<Duration> timeout) {
        var what = getClass().getSimpleName();
        throw new UnsupportedOperationException(what);
    }
}
