package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.LinuxResources;

/**
 * What a pod may use.
 *
 * @param overhead besides its containers
 * @param resources of all its containers together
 */
record PodLimits(LinuxResources overhead, LinuxResources resources) {
    Json.Obj toJson() {
        return Json.object()
                .put("overhead", ResourcesJson.write(overhead))
                .put("resources", ResourcesJson.write(resources))
                .build();
    }

    static PodLimits fromJson(Json.Obj json) {
        return new PodLimits(ResourcesJson.read(json.object("overhead")), ResourcesJson.read(json.object("resources")));
    }
}
