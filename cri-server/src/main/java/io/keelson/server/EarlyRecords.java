package io.keelson.server;

import io.keelson.host.lifecycle.Forks;
import io.keelson.pod.FoundPods;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.FoundContainers;
import java.util.function.Supplier;

/**
 * The records of pods and containers, which are read while the daemon is put together: that leaves a processor idle.
 *
 * @param pods waits for the last of them, and throws what reading them threw
 */
record EarlyRecords(Supplier<FoundPods> pods, Supplier<FoundContainers> containers) {
    /** Only for who has locked the directories. */
    static EarlyRecords begin(PodPaths pods, ContainerPaths containers) {
        return new EarlyRecords(
                Forks.begin("pod-records", () -> FoundPods.read(pods, Forks::inOrder)),
                Forks.begin("container-records", () -> FoundContainers.read(containers, Forks::inOrder)));
    }
}
