package io.keelson.image.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.json.Json;
import io.keelson.image.blob.ManifestDocument.Index;
import io.keelson.image.blob.ManifestDocument.Manifest;
import io.keelson.image.reference.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestDocumentTest {
    private static final String DIGEST = "\"digest\":\"sha256:" + "ab".repeat(32) + "\",\"size\":7";
    private static final String LAYER =
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\"," + DIGEST + "}";
    private static final String CONFIG = "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + DIGEST + "}";

    private static final Set<String> V3 = Set.of(
            "cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma",
            "abm", "movbe", "xsave");

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
        assertThat(parse(manifest(0), "")).isInstanceOf(Manifest.class);
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
        assertThatThrownBy(() -> parse(
                        manifest(1)
                                .replace(
                                        "application/vnd.oci.image.config.v1+json", "application/vnd.oci.empty.v1+json")
                                .replace(
                                        "{\"schemaVersion\":2,",
                                        "{\"schemaVersion\":2,\"artifactType\":\"application/x.bom\","),
                        ""))
                .hasMessageContaining("this is an artifact of type \"application/x.bom\", not an image");
        assertThatThrownBy(() -> parse("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"))
                .hasMessageContaining("schema version 1");
        assertThatThrownBy(() -> parse("{\"schemaVersion\":1,\"fsLayers\":[]}", "application/json"))
                .hasMessageContaining("schema version 1");
        assertThatThrownBy(() -> parse(manifest(1), MediaTypes.OCI_INDEX)).hasMessageContaining("for an image");
        assertThatThrownBy(() -> parse(manifest(1), "text/html")).hasMessageContaining("text/html");
    }

    @Test
    void aSubjectAndAnArtifactTypeMakeNoArtifactOfAnImage() {
        var referring = manifest(1)
                .replace(
                        "{\"schemaVersion\":2,",
                        "{\"schemaVersion\":2,\"artifactType\":\"application/x.signed\",\"subject\":" + LAYER + ",");

        assertThat(parse(referring, "")).isInstanceOf(Manifest.class);
    }

    @Test
    void keysThatOthersReadAsKnownOnesAreRefusedAtAnyDepth() {
        for (var json : List.of(
                manifest(1).replace("\"layers\"", "\"Layers\""),
                manifest(1).replace("\"digest\"", "\"Digest\":\"\",\"digest\""),
                index(entry(
                        MediaTypes.OCI_MANIFEST,
                        "{\"os\":\"linux\",\"OS\":\"windows\",\"architecture\":\"amd64\"}")))) {
            assertThatThrownBy(() -> parse(json, "")).hasMessageContaining("which others read as another one");
        }
    }

    @Test
    void embeddedContentIsWhatItsDescriptorSaysOrRefused() {
        var bytes = "{}".getBytes(StandardCharsets.UTF_8);
        var digest = "\"digest\":\"" + Digest.of("sha256", bytes) + "\"";
        var honest = "{" + digest + ",\"size\":2,\"data\":\"e30=\"}";

        var descriptor = Descriptor.parse(Json.parseObject(honest.getBytes(StandardCharsets.UTF_8)));

        assertThat(descriptor.data().orElseThrow().bytes()).isEqualTo(bytes);
        for (var lie :
                List.of(honest.replace(":2,", ":3,"), honest.replace("e30=", "fX0="), honest.replace("e30=", "%%%%"))) {
            assertThatThrownBy(() -> Descriptor.parse(Json.parseObject(lie.getBytes(StandardCharsets.UTF_8))))
                    .hasMessageContaining("data of sha256:");
        }
    }

    private static String platform(String architecture, String variant) {
        return "{\"os\":\"linux\",\"architecture\":\"" + architecture + "\",\"variant\":\"" + variant + "\"}";
    }

    /** The platform that is chosen of some, each {@code architecture/variant}. */
    private static String chosen(HostPlatform host, String... platforms) {
        var entries = Stream.of(platforms)
                .map(each -> each.split("/", 2))
                .map(parts -> entry(MediaTypes.OCI_MANIFEST, platform(parts[0], parts.length > 1 ? parts[1] : "")))
                .collect(Collectors.joining(","));
        var index = (Index) parse(index(entries), "");
        return platforms[index.entries().indexOf(new PlatformChoice(host).among(index))];
    }

    @Test
    void bestVariantIsChosen() {
        var arm64 = HostPlatform.of("aarch64", Set.of());
        assertThat(chosen(arm64, "amd64", "arm/v7", "arm64/v9", "arm64")).isEqualTo("arm64");
        assertThat(chosen(arm64, "amd64", "arm/v6", "arm/v7", "arm64/v9")).isEqualTo("arm/v7");
        assertThat(chosen(arm64, "arm/v7", "arm/v8")).isEqualTo("arm/v8");
        var arm = HostPlatform.of("arm", Set.of());
        assertThat(chosen(arm, "arm64", "arm/v8", "arm/v6", "arm/v7")).isEqualTo("arm/v7");
        assertThat(chosen(arm, "arm64", "arm/v5", "arm/v6")).isEqualTo("arm/v6");
        assertThat(chosen(arm, "arm64", "armel", "armhf")).isEqualTo("armhf");
        var amd64 = HostPlatform.of("amd64", V3);
        assertThat(chosen(amd64, "amd64", "amd64/v2", "amd64/v3", "amd64/v4")).isEqualTo("amd64/v3");
        assertThat(chosen(amd64, "arm64", "x86_64/v1", "amd64/v4")).isEqualTo("x86_64/v1");
        assertThat(chosen(HostPlatform.of("riscv64", Set.of()), "amd64", "riscv64"))
                .isEqualTo("riscv64");
    }

    @Test
    void anImageForOthersIsRefusedWithThoseThereAre() {
        var host = HostPlatform.of("amd64", Set.of());
        assertThatThrownBy(() -> chosen(host, "arm64/v8", "amd64/v3", "s390x"))
                .hasMessage("no image for linux/amd64; there are linux/arm64/v8, linux/amd64/v3, linux/s390x");
        var featured = entry(
                MediaTypes.OCI_MANIFEST, "{\"os\":\"linux\",\"architecture\":\"amd64\",\"os.features\":[\"gpu\"]}");
        var statement = entry(MediaTypes.OCI_MANIFEST, "{\"os\":\"unknown\",\"architecture\":\"unknown\"}");
        var index = (Index) parse(index(featured + "," + statement), "");
        assertThatThrownBy(() -> new PlatformChoice(host).among(index))
                .hasMessage("no image for linux/amd64; there are linux/amd64 with gpu");
    }

    @Test
    void entryWithoutPlatformServesWhereNoneFits() {
        var host = HostPlatform.of("amd64", Set.of());
        var signature = entry(MediaTypes.OCI_MANIFEST, "").replace("{", "{\"artifactType\":\"application/x.sig\",");
        var index = (Index) parse(
                index(String.join(
                        ",", entry("application/x.signature", ""), signature, entry(MediaTypes.DOCKER_MANIFEST, ""))),
                "");

        assertThat(new PlatformChoice(host).among(index))
                .isSameAs(index.entries().get(2));
    }

    @Test
    void levelsOfAmd64FollowTheFlags() {
        assertThat(HostPlatform.amd64Variants(Set.of())).containsExactly("");
        assertThat(HostPlatform.amd64Variants(Set.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3", "avx2")))
                .containsExactly("v2", "");
        assertThat(HostPlatform.amd64Variants(V3)).containsExactly("v3", "v2", "");
    }
}
