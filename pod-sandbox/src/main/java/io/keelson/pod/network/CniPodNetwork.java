package io.keelson.pod.network;

import io.keelson.host.process.Processes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** {@link PodNetwork} by the node's CNI plugins and nftables. */
public final class CniPodNetwork implements PodNetwork {
    public CniPodNetwork(NetworkSettings settings, Processes processes) {}

    @Override
    public PodAddresses attach(NetworkRequest request) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void detach(String podId, Optional<Path> netns) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public NetworkReadiness readiness() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void rebuildHostPorts(Set<String> podIds) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void collectGarbage(Set<String> podIds) {
        throw new UnsupportedOperationException("not yet");
    }
}
