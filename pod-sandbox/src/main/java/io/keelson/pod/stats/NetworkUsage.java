package io.keelson.pod.stats;

import java.time.Instant;
import java.util.List;

/**
 * What went through a pod's network, and when that was looked at.
 *
 * @param interfaces none for a pod in the host's network
 */
public record NetworkUsage(Instant at, List<InterfaceUsage> interfaces) {
    public NetworkUsage {
        interfaces = List.copyOf(interfaces);
    }
}
