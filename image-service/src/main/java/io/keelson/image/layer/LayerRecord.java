package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.record.RecordFormat;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.Optional;

/** {@code layer.json}: a layer's facts beside its file. */
final class LayerRecord {
    private static final RecordFormat FORMAT = new RecordFormat("layer record", 2);
    /** Room for the implied directories of the largest layer that is read. */
    static final int MAX_BYTES = 64 << 20;

    private LayerRecord() {}

    static byte[] write(Layer layer) {
        return FORMAT.seal(FORMAT.begin()
                .put("isTree", layer.isTree())
                .put("diffId", layer.diffId().toString())
                .put("sizeBytes", layer.sizeBytes())
                .put("fileDigest", layer.fileDigest().toString())
                .put("inodes", layer.inodes())
                .put("unpackedBytes", layer.unpackedBytes())
                .put("describesRoot", layer.describesRoot())
                .putTexts("impliedDirectories", layer.impliedDirectories())
                .build());
    }

    /**
     * What the record says of the layer in this directory; absent if there is none.
     *
     * @throws Failure INVALID if it is not the record of a layer, WRONG_STATE if a newer program wrote it
     */
    static Optional<Layer> find(Path directory) {
        return FORMAT.find(directory.resolve(LayerStore.RECORD), MAX_BYTES).map(json -> layer(json, directory));
    }

    private static Layer layer(Json.Obj json, Path directory) {
        var isTree = json.has("isTree") && json.flag("isTree");
        return new Layer(
                Digest.parse(json.text("diffId")),
                directory.resolve(isTree ? LayerStore.TREE : LayerStore.FILE),
                json.number("sizeBytes"),
                Digest.parse(json.text("fileDigest")),
                json.number("inodes"),
                json.number("unpackedBytes"),
                json.flag("describesRoot"),
                json.texts("impliedDirectories"));
    }
}
