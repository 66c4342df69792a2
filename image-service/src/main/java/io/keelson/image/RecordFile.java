package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.host.record.Instants;
import io.keelson.host.record.RecordFormat;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.OciLayout;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.TreeSet;

/** An image record as JSON. What the config says is not in it: the config's blob is beside it, under the image's own id. */
final class RecordFile {
    private static final RecordFormat FORMAT = new RecordFormat("image record", 2);
    static final int MAX_BYTES = 4 << 20;

    private RecordFile() {}

    static byte[] write(ImageRecord image) {
        return FORMAT.seal(FORMAT.begin()
                .put("id", image.id().toString())
                .putTexts("repoTags", image.repoTags())
                .putTexts("repoDigests", image.repoDigests())
                .putAll(
                        "manifests",
                        image.manifests().stream().map(Descriptor::toJson).toList())
                .put("sizeBytes", image.sizeBytes())
                .put("pulledAt", image.pulledAt().toString())
                .put("generation", image.generation())
                .build());
    }

    /** @throws Failure INVALID or ABSENT if the record, or what it names in the layout, is not whole, WRONG_STATE if it is newer */
    static ImageRecord read(Path file, OciLayout layout) {
        var json = FORMAT.find(file, MAX_BYTES).orElseThrow(() -> Failure.absent("the record is gone"));
        var id = ImageId.parse(json.text("id"));
        var manifests =
                json.objects("manifests").stream().map(Descriptor::parse).toList();
        for (var manifest : manifests) {
            if (layout.find(manifest.digest()).isEmpty()) {
                throw Failure.absent("manifest " + manifest.digest() + " is missing");
            }
        }
        var config = layout.find(id.digest()).orElseThrow(() -> Failure.absent("config " + id + " is missing"));
        return new ImageRecord(
                id,
                new TreeSet<>(json.texts("repoTags")),
                new TreeSet<>(json.texts("repoDigests")),
                manifests,
                json.number("sizeBytes"),
                ConfigFile.parse(config),
                instant(json.text("pulledAt")),
                json.number("generation"));
    }

    private static Instant instant(String text) {
        try {
            return Instants.parse(text);
        } catch (DateTimeException e) {
            throw new Failure(Failure.Kind.INVALID, "\"" + text + "\" is no time", e);
        }
    }
}
