package io.keelson.pod;

import io.keelson.host.json.Json;

/**
 * Which seccomp or AppArmor profile applies (CRI v1, SecurityProfile).
 *
 * @param localhostRef for {@link Kind#LOCALHOST}: seccomp an absolute path on the host, AppArmor the name of a loaded profile;
 *     for the others empty
 */
public record SecurityProfile(Kind kind, String localhostRef) {
    /** Where the profile comes from. */
    public enum Kind {
        RUNTIME_DEFAULT,
        UNCONFINED,
        LOCALHOST
    }

    public Json.Obj toJson() {
        return Json.object()
                .put("kind", kind.name())
                .put("localhostRef", localhostRef)
                .build();
    }

    public static SecurityProfile fromJson(Json.Obj json) {
        return new SecurityProfile(Kind.valueOf(json.text("kind")), json.text("localhostRef"));
    }
}
