package io.keelson.pod.container;

import java.time.Duration;

/** Ends containers (CRI v1, StopContainer). */
public final class ContainerStopper {
    /**
     * Stops the container: its stop signal, then up to {@code grace} (zero kills at once), then SIGKILL to every process in its
     * cgroup. A container already stopped or removed is a success.
     */
    public void stop(ContainerId id, Duration grace) {
        var what = getClass().getSimpleName();
        throw new UnsupportedOperationException(what);
    }
}
