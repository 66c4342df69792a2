package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.pod.files.DnsConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A pod to be attached.
 *
 * @param podId letters, digits, {@code _.-}: what plugins know it by (CNI_CONTAINERID)
 * @param name the Kubernetes name of the pod, as are namespace and uid
 * @param netns a path at which its network namespace can be opened
 * @param ports mappings with host port 0 publish nothing
 * @param annotations the pod's; its bandwidth is taken from {@code kubernetes.io/ingress-bandwidth} and {@code egress-bandwidth}
 * @param cgroupPath of the pod, for plugins that ask for it; may be empty
 * @param dns of the pod, for plugins that ask for it
 * @param aliases names of the pod beside its Kubernetes name, for plugins that ask for them
 */
public record NetworkRequest(
        String podId,
        String name,
        String namespace,
        String uid,
        Path netns,
        List<PortMapping> ports,
        Map<String, String> annotations,
        String cgroupPath,
        Optional<DnsConfig> dns,
        List<String> aliases) {
    private static final Pattern CONTAINER_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

    /** @throws Failure INVALID if plugins cannot be told of such a pod */
    public NetworkRequest {
        checkPodId(podId);
        List.of(name, namespace, uid).forEach(NetworkRequest::checkArgument);
        ports = List.copyOf(ports);
        annotations = Map.copyOf(annotations);
        aliases = List.copyOf(aliases);
        var _ = BandwidthLimits.of(annotations);
    }

    /** As people know it. */
    String fullName() {
        return namespace + "/" + name;
    }

    /** It becomes a CNI container id and the name of a file. */
    static String checkPodId(String podId) {
        if (!CONTAINER_ID.matcher(podId).matches()) {
            throw Failure.invalid("\"" + podId + "\" is not the id of a pod");
        }
        return podId;
    }

    /** It becomes a value in CNI_ARGS. */
    private static void checkArgument(String value) {
        if (value.contains(";") || value.contains("=") || value.indexOf('\0') >= 0) {
            throw Failure.invalid(
                    "\"" + value + "\" cannot be told to CNI plugins: it has a character with a meaning there");
        }
    }
}
