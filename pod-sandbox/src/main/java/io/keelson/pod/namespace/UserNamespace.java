package io.keelson.pod.namespace;

import io.keelson.host.json.Json;
import java.util.List;

/** A pod's user namespace (CRI v1, UserNamespace). */
public record UserNamespace(NamespaceMode mode, List<IdMapping> uids, List<IdMapping> gids) {
    /** A range of ids inside and the range outside that they are. */
    public record IdMapping(long hostId, long containerId, long length) {
        public Json.Obj toJson() {
            return Json.object()
                    .put("hostId", hostId)
                    .put("containerId", containerId)
                    .put("length", length)
                    .build();
        }

        public static IdMapping fromJson(Json.Obj json) {
            return new IdMapping(json.number("hostId"), json.number("containerId"), json.number("length"));
        }
    }

    public UserNamespace {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }

    /** Whether the pod has one of its own; otherwise it has the host's. */
    public boolean isOfPod() {
        return mode == NamespaceMode.POD;
    }

    /** The host's id of the user who is root inside. */
    public long rootUid() {
        return uids.getFirst().hostId();
    }

    /** The host's id of that user's group. */
    public long rootGid() {
        return gids.getFirst().hostId();
    }

    Json.Obj toJson() {
        return Json.object()
                .put("mode", mode.name())
                .putAll("uids", uids.stream().map(IdMapping::toJson).toList())
                .putAll("gids", gids.stream().map(IdMapping::toJson).toList())
                .build();
    }

    static UserNamespace fromJson(Json.Obj json) {
        return new UserNamespace(
                NamespaceMode.valueOf(json.text("mode")),
                json.objects("uids").stream().map(IdMapping::fromJson).toList(),
                json.objects("gids").stream().map(IdMapping::fromJson).toList());
    }
}
