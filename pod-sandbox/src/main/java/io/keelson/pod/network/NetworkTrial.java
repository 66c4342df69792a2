package io.keelson.pod.network;

import static io.keelson.host.linux.Namespaces.CLONE_NEWNET;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Loopback;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import io.keelson.host.process.Processes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Attaches a network namespace that nobody lives in to the node's network, as a pod would be, and detaches it again. Its record lies
 * in a directory of its own, where no daemon looks; what a trial that was killed left is taken back by the next one.
 */
public final class NetworkTrial {
    private static final String NAME = "keelson-doctor";

    private NetworkTrial() {}

    /**
     * @param settings with a directory for records that nobody else uses
     * @return the addresses that it had
     * @throws io.keelson.host.failure.Failure as the start of a pod would, WRONG_STATE while another trial runs
     */
    public static PodAddresses run(NetworkSettings settings, Processes processes) {
        try (var _ = DirectoryLock.acquire(settings.cacheDirectory());
                var netns = PlatformThread.call("network-trial", () -> {
                    Namespaces.unshare(CLONE_NEWNET);
                    Loopback.up();
                    return Descriptors.open(Path.of("/proc/thread-self/ns/net"), Descriptors.O_RDONLY, 0);
                })) {
            var network = new CniPodNetwork(settings, processes, WorkListener.NONE);
            network.detach(NAME, Optional.empty());
            // Plugins open it by our number; their own would be another.
            var path = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + netns.number());
            try {
                return network.attach(request(path), (_, _) -> {});
            } finally {
                network.detach(NAME, Optional.of(path));
            }
        }
    }

    private static NetworkRequest request(Path netns) {
        return new NetworkRequest(
                NAME, NAME, "default", NAME, netns, List.of(), Map.of(), "", Optional.empty(), List.of());
    }
}
