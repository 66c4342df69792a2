package io.keelson.pod;

import io.keelson.host.json.Json;

/** Parts of an SELinux context; empty parts are the node's to choose (CRI v1, SELinuxOption). */
public record SelinuxLabel(String user, String role, String type, String level) {
    public Json.Obj toJson() {
        return Json.object()
                .put("user", user)
                .put("role", role)
                .put("type", type)
                .put("level", level)
                .build();
    }

    public static SelinuxLabel fromJson(Json.Obj json) {
        return new SelinuxLabel(json.text("user"), json.text("role"), json.text("type"), json.text("level"));
    }
}
