package io.keelson.image.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.image.blob.ManifestDocument.Index;
import io.keelson.image.blob.ManifestDocument.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestDocumentTest {
    private static final String DIGEST = "\"digest\":\"sha256:" + "ab".repeat(32) + "\",\"size\":7";
    private static final String LAYER =
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"," + DIGEST + "}";
    private static final String CONFIG = "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + DIGEST + "}";

    private static ManifestDocument parse(String json, String contentType) {
        return ManifestDocument.parse(json.getBytes(StandardCharsets.UTF_8), contentType);
    }

    private static String manifest(int layers) {
        return "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":["
                + String.join(",", Collections.nCopies(layers, LAYER)) + "]}";
    }

    private static String index(String entries) {
        return "{\"schemaVersion\":2,\"manifests\":[" + entries + "]}";
    }

    private static String entry(String mediaType, String platform) {
        return "{\"mediaType\":\"" + mediaType + "\"," + DIGEST
                + (platform.isEmpty() ? "" : ",\"platform\":" + platform) + "}";
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.v2+json",
        "application/json, application/vnd.oci.image.manifest.v1+json",
        "'', application/vnd.oci.image.manifest.v1+json"
    })
    void manifestHasTheTypeThatItIsGivenOrOnlyCanHave(String contentType, String mediaType) {
        assertThat(parse(manifest(1), contentType))
                .isInstanceOfSatisfying(
                        Manifest.class,
                        manifest -> assertThat(manifest.mediaType()).isEqualTo(mediaType));
    }

    @Test
    void layersAreLimited() {
        assertThat(parse(manifest(ManifestDocument.MAX_LAYERS), "")).isInstanceOf(Manifest.class);
        assertThatThrownBy(() -> parse(manifest(ManifestDocument.MAX_LAYERS + 1), ""))
                .hasMessageContaining("501 layers");
        assertThatThrownBy(() -> parse(manifest(0), "")).hasMessageContaining("0 layers");
    }

    @Test
    void entriesAreLimited() {
        var entry = entry(MediaTypes.OCI_MANIFEST, "");
        var most = String.join(",", Collections.nCopies(ManifestDocument.MAX_ENTRIES, entry));
        assertThat(parse(index(most), "")).isInstanceOf(Index.class);
        assertThatThrownBy(() -> parse(index(most + "," + entry), "")).hasMessageContaining("more than 1000");
    }

    @Test
    void artifactsAndOldManifestsAreRefusedByName() {
        assertThatThrownBy(() -> parse(
                        manifest(1).replace("application/vnd.oci.image.config.v1+json", "application/x.model"), ""))
                .hasMessageContaining("this is an artifact, not an image");
        assertThatThrownBy(() -> parse("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"))
                .hasMessageContaining("schema version 1");
        assertThatThrownBy(() -> parse(manifest(1), MediaTypes.OCI_INDEX)).hasMessageContaining("for an image");
        assertThatThrownBy(() -> parse(manifest(1), "text/html")).hasMessageContaining("text/html");
    }

    @Test
    void bestPlatformIsChosen() {
        var host = new HostPlatform("arm64", List.of("v8", ""));
        var index = (Index) parse(
                index(String.join(
                        ",",
                        entry(MediaTypes.OCI_MANIFEST, "{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
                        entry(MediaTypes.OCI_MANIFEST, "{\"os\":\"linux\",\"architecture\":\"amd64\"}"),
                        entry(MediaTypes.OCI_MANIFEST, "{\"os\":\"linux\",\"architecture\":\"arm64\"}"),
                        entry(
                                MediaTypes.OCI_MANIFEST,
                                "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}"),
                        entry(
                                MediaTypes.OCI_MANIFEST,
                                "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v9\"}"))),
                "");

        assertThat(new PlatformChoice(host).among(index))
                .isSameAs(index.entries().get(3));
    }

    @Test
    void entryWithoutPlatformServesWhereNoneFits() {
        var host = new HostPlatform("amd64", List.of(""));
        var index = (Index)
                parse(index(entry("application/x.signature", "") + "," + entry(MediaTypes.DOCKER_MANIFEST, "")), "");

        assertThat(new PlatformChoice(host).among(index))
                .isSameAs(index.entries().get(1));
    }

    @Test
    void levelsOfAmd64FollowTheFlags() {
        assertThat(HostPlatform.amd64Variants(Set.of())).containsExactly("", "v1");
        assertThat(HostPlatform.amd64Variants(Set.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3", "avx2")))
                .containsExactly("v2", "", "v1");
    }
}
