package io.keelson.image.blob;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An OCI image layout (OCI image spec, image-layout) of manifests, indexes and configs; layers are kept elsewhere, as layer files.
 * Other tools may read it. Its index.json is derived from the image records and written without waiting for the disk: after a crash
 * it is written anew.
 */
public final class OciLayout {
    /** Largest blob that is kept here. */
    static final int MAX_BLOB_BYTES = 4 << 20;

    private final Path directory;

    private OciLayout(Path directory) {
        this.directory = directory;
    }

    /** Makes what is missing. */
    public static OciLayout open(Path directory) {
        var layout = new OciLayout(directory);
        DurableFiles.mkdirs(directory.resolve("blobs").resolve("sha256"));
        var marker = directory.resolve("oci-layout");
        if (!Files.exists(marker)) {
            DurableFiles.write(marker, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        }
        return layout;
    }

    private Path path(Digest digest) {
        return directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    /** Durable when this returns. The caller has checked the digest. */
    public void write(Digest digest, byte[] bytes) {
        var file = path(digest);
        var existing = DurableFiles.find(file, MAX_BLOB_BYTES);
        if (existing.isPresent() && Arrays.equals(existing.get(), bytes)) {
            return;
        }
        DurableFiles.mkdirs(directory.resolve("blobs").resolve(digest.algorithm()));
        DurableFiles.write(file, bytes);
    }

    /** @throws Failure INVALID if the blob is not what its name says */
    public Optional<byte[]> find(Digest digest) {
        return DurableFiles.find(path(digest), MAX_BLOB_BYTES).map(bytes -> {
            var actual = Digest.of(digest.algorithm(), bytes);
            if (!actual.equals(digest)) {
                throw Failure.invalid("blob " + digest + " on disk is damaged: its digest is " + actual);
            }
            return bytes;
        });
    }

    public void remove(Digest digest) {
        DurableFiles.remove(path(digest));
    }

    /** Removes blobs that are not in use, unfinished ones among them. For the start, when nobody writes. */
    public void retain(Set<Digest> used) {
        for (var algorithm : new String[] {"sha256", "sha512"}) {
            var blobs = directory.resolve("blobs").resolve(algorithm);
            if (!Files.isDirectory(blobs)) {
                continue;
            }
            var keep = used.stream().map(this::path).collect(Collectors.toSet());
            try (var children = Files.newDirectoryStream(blobs)) {
                for (var child : children) {
                    if (!keep.contains(child)) {
                        DurableFiles.remove(child);
                    }
                }
            } catch (IOException e) {
                throw DurableFiles.failed("list", blobs, e);
            }
        }
    }

    /** Rewrites index.json: each name with the manifest that it stands for. Called by one thread at a time. */
    public void name(Map<String, Descriptor> names) {
        var manifests = names.entrySet().stream()
                .map(entry -> named(entry.getKey(), entry.getValue()))
                .toList();
        var index = Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", MediaTypes.OCI_INDEX)
                .putAll("manifests", manifests)
                .build();
        var file = directory.resolve("index.json");
        var beside = directory.resolve("index.json" + DurableFiles.TEMPORARY_SUFFIX);
        try {
            Files.write(beside, index.toBytes());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw DurableFiles.failed("write", file, e);
        }
    }

    private static Json.Obj named(String name, Descriptor manifest) {
        return Json.object()
                .put("mediaType", manifest.mediaType())
                .put("digest", manifest.digest().toString())
                .put("size", manifest.sizeBytes())
                .put("annotations", Json.object().put("org.opencontainers.image.ref.name", name))
                .build();
    }
}
