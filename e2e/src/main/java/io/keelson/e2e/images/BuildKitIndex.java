package io.keelson.e2e.images;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image as BuildKit pushes it: an index, and in it beside the manifest another one, of no platform, with a statement of how the first
 * was made. Runtimes pass that by.
 */
record BuildKitIndex(Image image) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String STATEMENT = "application/vnd.in-toto+json";

    /** What is there beside the config and the layers, the index last. */
    List<Blob> documents() {
        var statement = Blob.of(STATEMENT, JSON.createObjectNode().put("_type", "https://in-toto.io/Statement/v0.1"));
        var config = Blob.of(
                Family.OCI.config(),
                JSON.createObjectNode().put("architecture", "unknown").put("os", "unknown"));
        var manifest = image.manifest(TestImages.architecture());
        var attestation = attestation(config, statement);
        return List.of(statement, config, manifest, attestation, index(manifest, attestation));
    }

    private static Blob attestation(Blob config, Blob statement) {
        var manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", Family.OCI.manifest());
        manifest.set("config", config.descriptor());
        var layer = statement.descriptor();
        layer.putObject("annotations").put("in-toto.io/predicate-type", "https://slsa.dev/provenance/v0.2");
        manifest.putArray("layers").add(layer);
        return Blob.of(Family.OCI.manifest(), manifest);
    }

    private static Blob index(Blob manifest, Blob attestation) {
        var index = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", Family.OCI.list());
        var made = manifest.descriptor();
        made.putObject("platform")
                .put("architecture", TestImages.architecture())
                .put("os", "linux");
        var about = attestation.descriptor();
        about.putObject("annotations")
                .put("vnd.docker.reference.type", "attestation-manifest")
                .put("vnd.docker.reference.digest", manifest.digest());
        about.putObject("platform").put("architecture", "unknown").put("os", "unknown");
        // Nothing says that the image comes first.
        index.putArray("manifests").add(about).add(made);
        return Blob.of(Family.OCI.list(), index);
    }
}
