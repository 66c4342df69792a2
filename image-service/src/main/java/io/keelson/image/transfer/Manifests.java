package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import java.util.List;

/** Manifests of our own, for images that have none that says what is there. */
public final class Manifests {
    static final String OCI = "application/vnd.oci.image.manifest.v1+json";

    private Manifests() {}

    public static byte[] write(Descriptor config, List<Descriptor> layers) {
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", OCI)
                .put("config", config.toJson())
                .putAll("layers", layers.stream().map(Descriptor::toJson).toList())
                .build()
                .toBytes();
    }
}
