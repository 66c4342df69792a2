package io.keelson.pod.namespace;

import io.keelson.host.json.Json;
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

    /** The user namespace that the pod has of its own. */
    public Optional<UserNamespace> ownUser() {
        return user.filter(UserNamespace::isOfPod);
    }

    public Json.Obj toJson() {
        var json = Json.object()
                .put("network", network.name())
                .put("pid", pid.name())
                .put("ipc", ipc.name())
                .put("targetId", targetId);
        user.ifPresent(namespace -> json.put("user", namespace.toJson()));
        return json.build();
    }

    public static NamespaceOptions fromJson(Json.Obj json) {
        return new NamespaceOptions(
                NamespaceMode.valueOf(json.text("network")),
                NamespaceMode.valueOf(json.text("pid")),
                NamespaceMode.valueOf(json.text("ipc")),
                json.text("targetId"),
                json.findObject("user").map(UserNamespace::fromJson));
    }
}
