package io.keelson.pod.namespace;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The namespaces that a pod shall have.
 *
 * @param directory where they are pinned; it exists
 * @param ownsNetwork false in the host's network, in which the pod has the host's UTS namespace as well
 * @param ownsIpc false with the host's IPC namespace
 * @param sharesPids whether its containers see each other's processes, which takes an init
 * @param hostname for its UTS namespace
 * @param sysctls checked ones, see {@link Sysctls}
 * @param user its own user namespace, checked by {@link UserNamespaceCheck}, which then owns all the others
 */
public record NamespaceRequest(
        Path directory,
        boolean ownsNetwork,
        boolean ownsIpc,
        boolean sharesPids,
        String hostname,
        Map<String, String> sysctls,
        Optional<UserNamespace> user) {
    public NamespaceRequest {
        sysctls = Map.copyOf(sysctls);
    }

    boolean ownsUts() {
        return ownsNetwork;
    }
}
