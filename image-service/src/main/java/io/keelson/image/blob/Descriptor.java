package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;

/** Names content (OCI image spec, descriptor). Its {@code urls} are not read: content comes from the registry that was asked. */
public record Descriptor(String mediaType, Digest digest, long sizeBytes) {
    public Descriptor {
        if (sizeBytes < 0) {
            throw Failure.invalid("descriptor of " + digest + " has size " + sizeBytes);
        }
    }

    /** @throws Failure INVALID if a field is missing or wrong */
    public static Descriptor parse(Json.Obj json) {
        return new Descriptor(json.textOrEmpty("mediaType"), Digest.parse(json.text("digest")), json.number("size"));
    }

    public Json.Obj toJson() {
        return Json.object()
                .put("mediaType", mediaType)
                .put("digest", digest.toString())
                .put("size", sizeBytes)
                .build();
    }
}
