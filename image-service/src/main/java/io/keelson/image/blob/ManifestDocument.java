package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.Optional;

/**
 * What a registry has under a tag: a manifest, or an index of manifests. Read so that no two readers can understand the same bytes
 * differently: one kind only, its media type the same in the document and beside it, and no key that another spelling of a known
 * one could stand for.
 */
public sealed interface ManifestDocument {
    /** Most layers of an image: overlayfs takes 500. */
    int MAX_LAYERS = 500;
    /** Most entries of an index. */
    int MAX_ENTRIES = 1000;

    /** The media type that it has, or by its fields must have. */
    String mediaType();

    /** An image's parts, layers lowest first. */
    record Manifest(String mediaType, Descriptor config, List<Descriptor> layers) implements ManifestDocument {
        public Manifest {
            layers = List.copyOf(layers);
        }
    }

    /** Images for several platforms. */
    record Index(String mediaType, List<Entry> entries) implements ManifestDocument {
        public Index {
            entries = List.copyOf(entries);
        }
    }

    /** One of an index; the platform is absent where the index does not say. */
    record Entry(Descriptor descriptor, Optional<Platform> platform) {
        public boolean isIndex() {
            return MediaTypes.isIndex(descriptor.mediaType());
        }

        /** Signatures, bills of materials and other artifacts may lie beside images. */
        boolean mayBeImage() {
            return isIndex()
                    || (MediaTypes.MANIFESTS.contains(descriptor.mediaType()) && isImage(descriptor.artifactType()));
        }

        private static boolean isImage(String artifactType) {
            return artifactType.isEmpty() || MediaTypes.CONFIGS.contains(artifactType);
        }
    }

    /**
     * @param contentType what the registry, or the descriptor that led here, calls it
     * @throws Failure INVALID if it is no manifest or index, or an ambiguous one
     */
    static ManifestDocument parse(byte[] bytes, String contentType) {
        if (MediaTypes.SCHEMA_1.contains(contentType)) {
            throw schema1();
        }
        var json = Json.parseObject(bytes);
        ExactKeys.check(
                json,
                "manifest",
                "schemaVersion",
                "mediaType",
                "artifactType",
                "manifests",
                "config",
                "layers",
                "subject",
                "annotations",
                "fsLayers");
        checkVersion(json.numberOr("schemaVersion", 0));
        var isIndex = json.has("manifests");
        if (isIndex && (json.has("layers") || json.has("config") || json.has("fsLayers"))) {
            throw Failure.invalid("manifest is an index and an image at once");
        }
        var mediaType = mediaType(json, contentType, isIndex);
        return isIndex ? index(json, mediaType) : manifest(json, mediaType);
    }

    private static void checkVersion(long version) {
        if (version == 1) {
            throw schema1();
        }
        if (version != 2) {
            throw Failure.invalid("manifest has schemaVersion " + version + ", which is not supported");
        }
    }

    private static Failure schema1() {
        return Failure.invalid("manifest of schema version 1 is not supported; the image must be pushed anew");
    }

    private static String mediaType(Json.Obj json, String contentType, boolean isIndex) {
        var own = json.textOrEmpty("mediaType");
        var beside = MediaTypes.GENERIC.contains(contentType) ? "" : contentType;
        if (!own.isEmpty() && !beside.isEmpty() && !own.equals(beside)) {
            throw Failure.invalid("manifest is called " + beside + " and calls itself " + own);
        }
        var otherwise = isIndex ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
        var mediaType = !own.isEmpty() ? own : !beside.isEmpty() ? beside : otherwise;
        var expected = isIndex ? MediaTypes.INDEXES : MediaTypes.MANIFESTS;
        if (!expected.contains(mediaType)) {
            throw Failure.invalid("manifest of type \"" + mediaType + "\" is not supported"
                    + (isIndex ? " for an index" : " for an image"));
        }
        return mediaType;
    }

    private static Index index(Json.Obj json, String mediaType) {
        var objects = json.objects("manifests");
        if (objects.size() > MAX_ENTRIES) {
            throw Failure.invalid("index has " + objects.size() + " entries, more than " + MAX_ENTRIES);
        }
        return new Index(
                mediaType,
                objects.stream()
                        .map(object -> new Entry(
                                Descriptor.parse(object),
                                object.findObject("platform").map(Platform::parse)))
                        .toList());
    }

    private static Manifest manifest(Json.Obj json, String mediaType) {
        var config = Descriptor.parse(json.object("config"));
        if (!MediaTypes.CONFIGS.contains(config.mediaType())) {
            var type = json.textOrEmpty("artifactType");
            throw Failure.invalid("this is an artifact" + (type.isEmpty() ? "" : " of type \"" + type + "\"")
                    + ", not an image: its config has type \"" + config.mediaType() + "\"");
        }
        var layers = json.objects("layers");
        if (layers.size() > MAX_LAYERS) {
            throw Failure.invalid("image has " + layers.size() + " layers, more than " + MAX_LAYERS);
        }
        json.findObject("subject").ifPresent(Descriptor::parse);
        return new Manifest(
                mediaType, config, layers.stream().map(Descriptor::parse).toList());
    }
}
