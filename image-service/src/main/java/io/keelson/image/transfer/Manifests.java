package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.ManifestDocument;
import io.keelson.image.compression.Compression;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.ManifestResolver.Document;
import java.util.List;
import java.util.Locale;

/** Manifests of our own, for images that have none that says what is there, or none that others understand. */
public final class Manifests {
    static final String OCI = "application/vnd.oci.image.manifest.v1+json";
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private Manifests() {}

    /** What a layer is called that is packed so (OCI image spec, layer). */
    static String layerType(Compression compression) {
        return compression == Compression.NONE
                ? LAYER
                : LAYER + "+" + compression.name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is one image's, and of OCI's family. */
    public static boolean isOci(Descriptor manifest) {
        return manifest.mediaType().equals(OCI);
    }

    /**
     * An image's manifest in the words of OCI, with the same config and the same layers; as it is if those are its words. Tools that
     * read OCI image layouts find no manifest of Docker's family there.
     *
     * @throws io.keelson.host.failure.Failure INVALID if it is no manifest of an image
     */
    public static Document inOciWords(Document manifest) {
        if (isOci(manifest.descriptor())
                || !(ManifestDocument.parse(
                                manifest.bytes(), manifest.descriptor().mediaType())
                        instanceof ManifestDocument.Manifest said)) {
            return manifest;
        }
        var bytes = write(
                named(CONFIG, said.config()),
                said.layers().stream()
                        .map(layer -> named(layerType(Compression.ofMediaType(layer.mediaType())), layer))
                        .toList());
        return new Document(new Descriptor(OCI, Digest.of("sha256", bytes), bytes.length), bytes);
    }

    private static Descriptor named(String mediaType, Descriptor content) {
        return new Descriptor(mediaType, content.digest(), content.sizeBytes());
    }

    public static byte[] write(Descriptor config, List<Descriptor> layers) {
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", OCI)
                .put("config", config.toJson())
                .putAll("layers", layers.stream().map(Descriptor::toJson).toList())
                .build()
                .toBytes();
    }
}
