package io.keelson.server.rpc;

import com.google.protobuf.Message;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.RunPodSandboxRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a request or an answer names: pods, containers and images, under the names that OpenTelemetry has for them. */
public final class CallIds {
    private static final Map<String, String> FIELDS = Map.of(
            "pod_sandbox_id", "keelson.pod.id",
            "container_id", "container.id",
            "image_ref", "container.image.id");

    private static final String IMAGE = "container.image.name";

    private CallIds() {}

    /** Empty for messages that name nothing; only what is not empty is in it. */
    public static Map<String, String> of(Object message) {
        var ids = new LinkedHashMap<String, String>();
        switch (message) {
            case RunPodSandboxRequest request -> add(ids, request.getConfig().getMetadata());
            case CreateContainerRequest request -> {
                add(ids, request.getSandboxConfig().getMetadata());
                add(ids, request.getConfig().getMetadata());
                ids.put(IMAGE, request.getConfig().getImage().getImage());
            }
            case PullImageRequest request -> ids.put(IMAGE, request.getImage().getImage());
            case RemoveImageRequest request -> ids.put(IMAGE, request.getImage().getImage());
            default -> {}
        }
        if (message instanceof Message any) {
            addFields(ids, any);
        }
        ids.values().removeIf(String::isEmpty);
        return ids;
    }

    private static void add(Map<String, String> ids, PodSandboxMetadata pod) {
        ids.put("k8s.namespace.name", pod.getNamespace());
        ids.put("k8s.pod.name", pod.getName());
        ids.put("k8s.pod.uid", pod.getUid());
    }

    private static void add(Map<String, String> ids, ContainerMetadata container) {
        ids.put("k8s.container.name", container.getName());
    }

    private static void addFields(Map<String, String> ids, Message message) {
        for (var field : message.getDescriptorForType().getFields()) {
            var id = FIELDS.get(field.getName());
            if (id != null && message.getField(field) instanceof String value) {
                ids.put(id, value);
            }
        }
    }
}
