package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.host.record.Instants;
import io.keelson.host.record.RecordFormat;
import java.time.Instant;

/**
 * What never changes about a pod.
 *
 * @param cgroupPath of the pod
 * @param ownsCgroup whether Keelson made it, and removes it
 */
record PodRecord(PodId id, PodSpec spec, Instant createdAt, String cgroupPath, boolean ownsCgroup) {
    static final int MAX_BYTES = 4 * 1024 * 1024;
    static final RecordFormat FORMAT = new RecordFormat("pod record", 2);

    Json.Obj toJson() {
        return FORMAT.begin()
                .put("id", id.hex())
                .put("createdAt", createdAt.toString())
                .put("cgroupPath", cgroupPath)
                .put("ownsCgroup", ownsCgroup)
                .put("spec", PodSpecJson.write(spec))
                .build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static PodRecord fromJson(Json.Obj json) {
        return new PodRecord(
                new PodId(json.text("id")),
                PodSpecJson.read(json.object("spec")),
                Instants.parse(json.text("createdAt")),
                json.text("cgroupPath"),
                json.flag("ownsCgroup"));
    }
}
