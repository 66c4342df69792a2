package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.compression.Compression;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.DockerArchiveWriter.Contents;
import io.keelson.image.transfer.ManifestResolver.Document;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Writes one image as an OCI image layout (OCI image spec, image-layout) for somebody else. */
public final class OciArchiveWriter {
    private static final String NAME = "org.opencontainers.image.ref.name";
    /** By which containerd, and what is built on it, knows an image. */
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    private static final Digest SHA_256 = Digest.of("sha256", new byte[0]);
    private static final byte[] MARKER = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path directory;

    private OciArchiveWriter(Path directory) {
        this.directory = directory;
    }

    public static OciArchiveWriter begin(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("blobs/sha256"));
        Files.write(directory.resolve("oci-layout"), MARKER);
        return new OciArchiveWriter(directory);
    }

    private Path path(Digest digest) throws IOException {
        var algorithm = directory.resolve("blobs").resolve(digest.algorithm());
        Files.createDirectories(algorithm);
        return algorithm.resolve(digest.hex());
    }

    public void blob(byte[] bytes, Digest digest) throws IOException {
        Files.write(path(digest), bytes);
    }

    /** A blob whose digest is known, and checked by who writes it. */
    public Descriptor blob(Descriptor descriptor, Contents contents) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(path(descriptor.digest())), BUFFER_BYTES)) {
            contents.writeTo(out);
        }
        return descriptor;
    }

    /** A layer packed anew. */
    public Descriptor gzip(int level, Contents contents) throws IOException {
        var work = directory.resolve("layer" + DurableFiles.TEMPORARY_SUFFIX);
        var hash = SHA_256.newHash();
        long size;
        try (var file = Files.newOutputStream(work);
                var counting = new CountingOutput(new BufferedOutputStream(file, BUFFER_BYTES));
                var hashed = new DigestOutputStream(counting, hash)) {
            try (var packed = new LevelledGzip(hashed, level)) {
                contents.writeTo(packed);
            }
            size = counting.count();
        }
        var digest = SHA_256.sameKind(hash);
        Files.move(work, path(digest));
        return new Descriptor(Manifests.layerType(Compression.GZIP), digest, size);
    }

    private static final class LevelledGzip extends GZIPOutputStream {
        LevelledGzip(OutputStream out, int level) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(level);
        }
    }

    /** With a manifest that is there. */
    public void end(Document manifest, List<String> names) throws IOException {
        blob(manifest.bytes(), manifest.descriptor().digest());
        index(manifest.descriptor(), names);
    }

    /** With a manifest of these layers. */
    public void end(Digest config, long configBytes, List<Descriptor> layers, List<String> names) throws IOException {
        var bytes = Manifests.write(new Descriptor(Manifests.CONFIG, config, configBytes), layers);
        var digest = Digest.of("sha256", bytes);
        end(new Document(new Descriptor(Manifests.OCI, digest, bytes.length), bytes), names);
    }

    private void index(Descriptor manifest, List<String> names) throws IOException {
        var entries = new ArrayList<Json.Obj>();
        for (var name : names) {
            entries.add(entry(manifest)
                    .put("annotations", Json.object().put(NAME, name).put(CONTAINERD_NAME, name))
                    .build());
        }
        if (entries.isEmpty()) {
            entries.add(entry(manifest).build());
        }
        Files.write(
                directory.resolve("index.json"),
                Json.object()
                        .put("schemaVersion", 2)
                        .putAll("manifests", entries)
                        .build()
                        .toBytes());
    }

    private static Json.Builder entry(Descriptor manifest) {
        return Json.object()
                .put("mediaType", manifest.mediaType())
                .put("digest", manifest.digest().toString())
                .put("size", manifest.sizeBytes());
    }

    /** A layout as a tar, its marker first. */
    public static void pack(Path layout, Path file) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
                var walk = Files.walk(layout)) {
            var tar = new TarOutput(out);
            for (var path : walk.filter(Files::isRegularFile).sorted().toList().reversed()) {
                tar.file(layout.relativize(path).toString(), Files.size(path), to -> Files.copy(path, to));
            }
            tar.end();
        }
    }
}
