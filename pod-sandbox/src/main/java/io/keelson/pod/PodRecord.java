package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.time.Instant;

/**
 * What never changes about a pod.
 *
 * @param cgroupPath of the pod
 * @param ownsCgroup whether Keelson made it, and removes it
 */
record PodRecord(PodId id, PodSpec spec, Instant createdAt, String cgroupPath, boolean ownsCgroup) {
    static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int VERSION = 1;

    Json.Obj toJson() {
        return Json.object()
                .put("version", VERSION)
                .put("id", id.hex())
                .put("createdAt", createdAt.toString())
                .put("cgroupPath", cgroupPath)
                .put("ownsCgroup", ownsCgroup)
                .put("spec", PodSpecJson.write(spec))
                .build();
    }

    static PodRecord fromJson(Json.Obj json) {
        requireVersion(json, VERSION);
        return new PodRecord(
                new PodId(json.text("id")),
                PodSpecJson.read(json.object("spec")),
                Instant.parse(json.text("createdAt")),
                json.text("cgroupPath"),
                json.flag("ownsCgroup"));
    }

    static void requireVersion(Json.Obj json, int version) {
        if (json.number("version") != version) {
            throw Failure.invalid("its version is " + json.number("version") + ", and this program reads " + version);
        }
    }
}
