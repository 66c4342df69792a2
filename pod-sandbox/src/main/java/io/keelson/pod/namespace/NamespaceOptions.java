package io.keelson.pod.namespace;

import java.util.Optional;

/**
 * Which namespaces a pod or container has of its own (CRI v1, NamespaceOption).
 *
 * @param targetId the container whose PID namespace is meant, in mode TARGET
 */
public record NamespaceOptions(
        NamespaceMode network, NamespaceMode pid, NamespaceMode ipc, String targetId, Optional<UserNamespace> user) {
    /** What the wire's zeros mean: everything shared within the pod, PIDs included. */
    public static NamespaceOptions defaults() {
        return new NamespaceOptions(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "", Optional.empty());
    }
}
