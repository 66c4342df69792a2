package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.Optional;

/** The table of contents of {@code docker save}: {@code manifest.json}, an entry for each image. */
public record DockerArchive(List<Image> images) {
    public static final String FILE = "manifest.json";
    private static final int MAX_BYTES = 4 << 20;

    public DockerArchive {
        images = List.copyOf(images);
    }

    /**
     * An image, by the names of its files.
     *
     * @param layers lowest first
     */
    public record Image(String config, List<String> tags, List<String> layers) {
        public Image {
            tags = List.copyOf(tags);
            layers = List.copyOf(layers);
        }
    }

    /** Absent if the archive is none of Docker's. */
    public static Optional<DockerArchive> find(Archive archive) {
        return archive.read(FILE, MAX_BYTES).map(bytes -> {
            if (!(Json.parse(bytes) instanceof Json.Arr(var items))) {
                throw Failure.invalid(FILE + " is not a list of images");
            }
            return new DockerArchive(items.stream().map(DockerArchive::image).toList());
        });
    }

    private static Image image(Json item) {
        if (!(item instanceof Json.Obj json)) {
            throw Failure.invalid(FILE + " has an entry that is no image");
        }
        var hasTags =
                json.find("RepoTags").filter(tags -> tags instanceof Json.Arr).isPresent();
        var image = new Image(json.text("Config"), hasTags ? json.texts("RepoTags") : List.of(), json.texts("Layers"));
        if (image.config().isEmpty()) {
            throw Failure.invalid(FILE + " names no config");
        }
        return image;
    }

    /** The same as bytes. */
    public byte[] toBytes() {
        return new Json.Arr(images.stream()
                        .map(image -> (Json) Json.object()
                                .put("Config", image.config())
                                .putTexts("RepoTags", image.tags())
                                .putTexts("Layers", image.layers())
                                .build())
                        .toList())
                .toBytes();
    }
}
