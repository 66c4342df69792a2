package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the plugins of a network say of themselves (STATUS, CNI 1.1). An answer counts for a while, and one caller at a time
 * asks; the others get the last answer, so that a plugin that hangs holds up nobody else.
 */
final class PluginStatus {
    private static final Duration VALIDITY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private record Answer(NetworkConfiguration network, NetworkReadiness readiness, Deadline until) {}

    private final NetworkChain chain;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Optional<Answer> last = Optional.empty();

    PluginStatus(NetworkChain chain) {
        this.chain = chain;
    }

    NetworkReadiness of(NetworkConfiguration network) {
        if (!network.version().isAtLeast(CniVersion.V1_1_0)) {
            return NetworkReadiness.ready();
        }
        var known = last.filter(answer -> answer.network().equals(network));
        if (known.isPresent() && !known.get().until().hasPassed()) {
            return known.get().readiness();
        }
        if (!asking.tryLock()) {
            return known.map(Answer::readiness)
                    .orElseGet(() -> NetworkReadiness.notReady(
                            "network " + network.name() + ": its plugins are being asked for their status"));
        }
        try {
            var readiness = ask(network);
            last = Optional.of(new Answer(network, readiness, Deadline.in(VALIDITY)));
            return readiness;
        } finally {
            asking.unlock();
        }
    }

    private NetworkReadiness ask(NetworkConfiguration network) {
        try {
            chain.status(network, PATIENCE);
            return NetworkReadiness.ready();
        } catch (Failure e) {
            return NetworkReadiness.notReady("network " + network.name() + ": " + e.getMessage());
        }
    }
}
