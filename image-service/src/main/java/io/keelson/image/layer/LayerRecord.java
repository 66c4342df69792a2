package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;

/** {@code layer.json}: a layer's facts beside its file. */
final class LayerRecord {
    static final int VERSION = 1;
    /** Room for the implied directories of the largest layer that is read. */
    static final int MAX_BYTES = 64 << 20;

    private LayerRecord() {}

    static byte[] write(Layer layer) {
        return Json.object()
                .put("version", VERSION)
                .put("diffId", layer.diffId().toString())
                .put("sizeBytes", layer.sizeBytes())
                .put("fileDigest", layer.fileDigest().toString())
                .put("inodes", layer.inodes())
                .put("unpackedBytes", layer.unpackedBytes())
                .put("describesRoot", layer.describesRoot())
                .putTexts("impliedDirectories", layer.impliedDirectories())
                .build()
                .toBytes();
    }

    /** @throws Failure INVALID if this is not the record of a layer, in a version that is known */
    static Layer read(byte[] bytes, Path file) {
        var json = Json.parseObject(bytes);
        if (json.number("version") != VERSION) {
            throw Failure.invalid("layer record has version " + json.number("version") + ", not " + VERSION);
        }
        return new Layer(
                Digest.parse(json.text("diffId")),
                file,
                json.number("sizeBytes"),
                Digest.parse(json.text("fileDigest")),
                json.number("inodes"),
                json.number("unpackedBytes"),
                json.flag("describesRoot"),
                json.texts("impliedDirectories"));
    }
}
