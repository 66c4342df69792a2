package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.util.Optional;

/**
 * Names content (OCI image spec, descriptor). Its {@code urls} are not read: content comes from the registry that was asked.
 *
 * @param artifactType of a manifest that is no image; empty where nothing is said
 * @param data the content itself, where it was embedded
 */
public record Descriptor(
        String mediaType, Digest digest, long sizeBytes, String artifactType, Optional<EmbeddedData> data) {
    public Descriptor {
        if (sizeBytes < 0) {
            throw Failure.invalid("descriptor of " + digest + " has size " + sizeBytes);
        }
    }

    public Descriptor(String mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, "", Optional.empty());
    }

    /** @throws Failure INVALID if a field is missing or wrong */
    public static Descriptor parse(Json.Obj json) {
        ExactKeys.check(json, "descriptor", "mediaType", "digest", "size", "urls", "data", "platform", "artifactType");
        var digest = Digest.parse(json.text("digest"));
        var sizeBytes = json.number("size");
        return new Descriptor(
                json.textOrEmpty("mediaType"),
                digest,
                sizeBytes,
                json.textOrEmpty("artifactType"),
                json.findText("data").map(text -> EmbeddedData.decode(text, digest, sizeBytes)));
    }

    public Json.Obj toJson() {
        return Json.object()
                .put("mediaType", mediaType)
                .put("digest", digest.toString())
                .put("size", sizeBytes)
                .build();
    }
}
