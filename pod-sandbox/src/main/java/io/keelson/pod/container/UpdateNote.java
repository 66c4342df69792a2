package io.keelson.pod.container;

import io.keelson.host.json.Json;
import io.keelson.host.record.RecordFormat;
import io.keelson.oci.cgroup.LimitFiles;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.ResourcesJson;

/**
 * That a container's limits are being changed: by it the next daemon takes back what this one did not come to write down. It lies
 * beside the bundle's files, which a reboot ends with the limits.
 *
 * @param result what is in force once the change is made
 * @param before as the kernel had it
 */
record UpdateNote(LinuxResources result, LimitFiles before) {
    static final int MAX_BYTES = 1024 * 1024;
    static final RecordFormat FORMAT = new RecordFormat("note of a change", 2);

    Json.Obj toJson() {
        return FORMAT.begin()
                .put("result", ResourcesJson.write(result))
                .put("before", before.toJson())
                .build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static UpdateNote fromJson(Json.Obj json) {
        return new UpdateNote(ResourcesJson.read(json.object("result")), LimitFiles.fromJson(json.object("before")));
    }
}
