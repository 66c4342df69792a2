package io.keelson.image;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.Optional;

/** Images as their records have them, for those who look while a daemon runs, or without one. */
public final class ImagesOnDisk {
    private static final int MAX_CONFIG_BYTES = 4 << 20;

    private ImagesOnDisk() {}

    /**
     * What an image says of the containers that are made from it; absent if it is not here, or cannot be read.
     *
     * @param id of the image, {@code sha256:…}
     */
    public static Optional<ImageConfig> config(Path root, String id) {
        try {
            var digest = Digest.parse(id);
            var blob = root.resolve("images")
                    .resolve("blobs")
                    .resolve(digest.algorithm())
                    .resolve(digest.hex());
            return DurableFiles.find(blob, MAX_CONFIG_BYTES).map(ConfigFile::parse);
        } catch (Failure e) {
            return Optional.empty();
        }
    }

    /** How its last pull went, as {@code keelson image explain} tells it. */
    public static Optional<Json.Obj> lastPull(Path root, String id) {
        try {
            return RecordDirectory.at(root).lastPull(new ImageId(Digest.parse(id)));
        } catch (Failure e) {
            return Optional.empty();
        }
    }
}
