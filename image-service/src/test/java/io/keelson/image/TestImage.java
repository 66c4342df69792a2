package io.keelson.image;

import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A small image for tests: layers of one file each, a config, a manifest. */
final class TestImage {
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String GZIP_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private final List<byte[]> tars = new ArrayList<>();
    private final List<byte[]> blobs = new ArrayList<>();
    private final Json.Builder runConfig = Json.object();
    private String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    private List<String> diffIds = List.of();
    private List<String> features = List.of();
    private boolean isEmbedded;
    private boolean isOfDocker;

    static TestImage of(String... contents) {
        var image = new TestImage();
        for (var content : contents) {
            image.layer("file-" + Integer.toHexString(content.hashCode()), content.getBytes(StandardCharsets.UTF_8));
        }
        return image;
    }

    /** Bytes that do not shrink. */
    static byte[] noise(int seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    TestImage layer(String name, byte[] content) {
        var tar = tar(name, content);
        tars.add(tar);
        blobs.add(gzip(tar));
        return this;
    }

    TestImage with(String key, Json value) {
        runConfig.put(key, value);
        return this;
    }

    TestImage forArchitecture(String other) {
        architecture = other;
        return this;
    }

    TestImage claimingDiffIds(String... claimed) {
        diffIds = List.of(claimed);
        return this;
    }

    /** Of the operating system, that it cannot do without. */
    TestImage needing(String... names) {
        features = List.of(names);
        return this;
    }

    /** Its descriptors carry their content along. */
    TestImage embedded() {
        isEmbedded = true;
        return this;
    }

    /** Its manifest is of the other family. */
    TestImage inWordsOfDocker() {
        isOfDocker = true;
        return this;
    }

    private String word(String ofOci, String ofDocker) {
        return isOfDocker ? "application/vnd.docker." + ofDocker : ofOci;
    }

    private String manifestType() {
        return word(OCI_MANIFEST, "distribution.manifest.v2+json");
    }

    byte[] config() {
        var claimed = diffIds.isEmpty()
                ? tars.stream().map(tar -> Digest.of("sha256", tar).toString()).toList()
                : diffIds;
        return Json.object()
                .put("os", "linux")
                .put("architecture", architecture)
                .putTexts("os.features", features)
                .put("config", runConfig)
                .put("rootfs", Json.object().put("type", "layers").putTexts("diff_ids", claimed))
                .build()
                .toBytes();
    }

    byte[] manifest() {
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", manifestType())
                .put("config", described(word(OCI_CONFIG, "container.image.v1+json"), config()))
                .putAll(
                        "layers",
                        blobs.stream()
                                .map(blob -> described(word(GZIP_LAYER, "image.rootfs.diff.tar.gzip"), blob))
                                .toList())
                .build()
                .toBytes();
    }

    private Json.Obj described(String mediaType, byte[] content) {
        var descriptor = descriptor(mediaType, content);
        return isEmbedded
                ? Json.object()
                        .put("mediaType", mediaType)
                        .put("digest", descriptor.text("digest"))
                        .put("size", content.length)
                        .put("data", Base64.getEncoder().encodeToString(content))
                        .build()
                : descriptor;
    }

    ImageId id() {
        return new ImageId(Digest.of("sha256", config()));
    }

    Digest manifestDigest() {
        return Digest.of("sha256", manifest());
    }

    Digest diffId(int layer) {
        return Digest.of("sha256", tars.get(layer));
    }

    byte[] blob(int layer) {
        return blobs.get(layer).clone();
    }

    Digest blobDigest(int layer) {
        return Digest.of("sha256", blobs.get(layer));
    }

    /** Makes the registry have it under these tags. */
    TestImage in(FakeRegistry registry, String... tags) {
        blobs.forEach(registry::blob);
        registry.blob(config());
        for (var tag : tags) {
            registry.manifest(tag, manifest(), manifestType());
        }
        return this;
    }

    /** The registry, once it has it. */
    FakeRegistry served(FakeRegistry registry, String... tags) {
        var _ = in(registry, tags);
        return registry;
    }

    static Json.Obj descriptor(String mediaType, byte[] content) {
        return Json.object()
                .put("mediaType", mediaType)
                .put("digest", Digest.of("sha256", content).toString())
                .put("size", content.length)
                .build();
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Of a regular file in a tar. */
    static byte[] header(String name, long size) {
        var header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format("%011o", size));
        put(header, 136, "14524570000");
        put(header, 148, "        ");
        header[156] = '0';
        put(header, 257, "ustar");
        put(header, 263, "00");
        var sum = 0;
        for (var value : header) {
            sum += value & 0xFF;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        return header;
    }

    private static byte[] tar(String name, byte[] content) {
        var padded = Arrays.copyOf(content, (content.length + 511) / 512 * 512);
        var tar = new ByteArrayOutputStream();
        tar.writeBytes(header(name, content.length));
        tar.writeBytes(padded);
        tar.writeBytes(new byte[1024]);
        return tar.toByteArray();
    }

    private static void put(byte[] header, int offset, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
}
