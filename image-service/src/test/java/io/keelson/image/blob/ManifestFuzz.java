package io.keelson.image.blob;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.util.List;
import java.util.Set;

/** Manifests and indexes, and the choice among an index's entries. */
public final class ManifestFuzz {
    private static final String DIGEST = "\"digest\":\"sha256:" + "0123456789abcdef".repeat(4) + "\",\"size\":7";
    private static final PlatformChoice CHOICE = new PlatformChoice(HostPlatform.of("amd64", Set.of()));

    private ManifestFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                                + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + DIGEST
                                + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\","
                                + DIGEST
                                + ",\"urls\":[\"https://x\"]}],\"subject\":{" + DIGEST
                                + "},\"annotations\":{\"a\":\"b\"}}")
                        .getBytes(UTF_8),
                ("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\"," + DIGEST
                                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v2\"}},{\"mediaType\":\""
                                + MediaTypes.OCI_INDEX + "\"," + DIGEST + ",\"data\":\"e30=\"}]}")
                        .getBytes(UTF_8));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(
                () -> {
                    if (ManifestDocument.parse(input, "") instanceof ManifestDocument.Index index) {
                        CHOICE.among(index);
                    }
                },
                Failure.Kind.INVALID);
    }
}
