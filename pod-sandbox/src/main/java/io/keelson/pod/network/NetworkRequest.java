package io.keelson.pod.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A pod to be attached.
 *
 * @param podId letters, digits, {@code _.-}: what plugins know it by (CNI_CONTAINERID)
 * @param name the Kubernetes name of the pod, as are namespace and uid
 * @param netns a path at which its network namespace can be opened
 * @param ports mappings with host port 0 publish nothing
 * @param annotations the pod's; its bandwidth is taken from {@code kubernetes.io/ingress-bandwidth} and {@code egress-bandwidth}
 * @param cgroupPath of the pod, for plugins that ask for it; may be empty
 */
public record NetworkRequest(
        String podId,
        String name,
        String namespace,
        String uid,
        Path netns,
        List<PortMapping> ports,
        Map<String, String> annotations,
        String cgroupPath) {
    public NetworkRequest {
        ports = List.copyOf(ports);
        annotations = Map.copyOf(annotations);
    }
}
