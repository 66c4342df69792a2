package io.keelson.pod;

import io.keelson.pod.network.PodAddresses;
import java.time.Instant;
import java.util.Optional;

/**
 * A pod at one moment: all that listing it and its status need.
 *
 * @param addresses absent for a pod in the host's network, and once it is not ready
 * @param cgroupPath of the pod, below which its containers' lie
 * @param startTimeline how long its start took
 */
public record Pod(
        PodId id,
        PodSpec spec,
        PodState state,
        Instant createdAt,
        Optional<PodAddresses> addresses,
        String cgroupPath,
        StartTimeline startTimeline) {}
