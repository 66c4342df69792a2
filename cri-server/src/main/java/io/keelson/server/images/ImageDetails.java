package io.keelson.server.images;

import io.keelson.host.json.Json;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImageRecord;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;

/** All that is known of an image. */
final class ImageDetails {
    private ImageDetails() {}

    static Json.Obj of(ImageCatalog catalog, ImageRecord image) {
        var details = Json.object()
                .put("id", image.id().toString())
                .putTexts("repoTags", image.repoTags())
                .putTexts("repoDigests", image.repoDigests())
                .put("sizeBytes", image.sizeBytes())
                .put("pulledAt", image.pulledAt().toString())
                .putAll(
                        "manifests",
                        image.manifests().stream().map(Descriptor::toJson).toList())
                .putTexts(
                        "layers", image.diffIds().stream().map(Digest::toString).toList())
                .put("imageSpec", Json.parse(catalog.rawConfig(image)));
        catalog.lastPull(image).ifPresent(pull -> details.put("lastPull", pull));
        return details.build();
    }
}
