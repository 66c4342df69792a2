package io.keelson.pod.container;

import io.keelson.host.json.Json;
import io.keelson.image.ImageRecord;
import io.keelson.image.reference.Digest;
import io.keelson.pod.Numbers;
import java.util.List;

/**
 * An image that a container has mounted. It stays what it is when the image is removed, and its layers stay with the container.
 *
 * @param mount which of the container's mounts it is
 * @param digestName a name with digest, or the id if it has none
 */
record MountedImage(int mount, String id, String digestName, List<Digest> layers) {
    MountedImage {
        layers = List.copyOf(layers);
    }

    static MountedImage of(int mount, ImageRecord image) {
        var id = image.id().toString();
        return new MountedImage(
                mount,
                id,
                image.repoDigests().isEmpty() ? id : image.repoDigests().first(),
                image.diffIds());
    }

    Json.Obj toJson() {
        return Json.object()
                .put("mount", mount)
                .put("id", id)
                .put("digestName", digestName)
                .putTexts("layers", layers.stream().map(Digest::toString).toList())
                .build();
    }

    static MountedImage fromJson(Json.Obj json) {
        return new MountedImage(
                Numbers.integer(json, "mount"),
                json.text("id"),
                json.text("digestName"),
                json.texts("layers").stream().map(Digest::parse).toList());
    }
}
