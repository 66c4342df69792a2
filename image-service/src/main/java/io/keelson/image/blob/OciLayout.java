package io.keelson.image.blob;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.KeyedLocks;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OCI image layout (OCI image spec, image-layout) of manifests, indexes and configs, and of layers' blobs where those are kept
 * beside the layer files. Other tools may read it. Its index.json is derived from the image records and written without waiting for the disk: after a crash
 * it is written anew.
 */
public final class OciLayout {
    private static final Logger log = LoggerFactory.getLogger(OciLayout.class);

    /** Largest document that is read. */
    static final int MAX_BLOB_BYTES = 4 << 20;

    private static final int PIECE_BYTES = 256 << 10;

    private final Path directory;
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLong usedBytes = new AtomicLong();
    /** Pulls of images that share a document write it at the same time, and it counts once. */
    private final KeyedLocks<Digest> locks = new KeyedLocks<>();

    private OciLayout(Path directory) {
        this.directory = directory;
    }

    /** Makes what is missing. */
    public static OciLayout open(Path directory) {
        var layout = new OciLayout(directory);
        DurableFiles.mkdirs(directory.resolve("blobs").resolve("sha256"));
        layout.removeUnfinished();
        var marker = directory.resolve("oci-layout");
        if (!Files.exists(marker)) {
            DurableFiles.write(marker, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        }
        return layout;
    }

    /** What was being written beside the blobs when a daemon was killed. */
    private void removeUnfinished() {
        try (var children = Files.newDirectoryStream(
                directory, child -> child.toString().endsWith(DurableFiles.TEMPORARY_SUFFIX))) {
            children.forEach(DurableFiles::discard);
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }

    private Path path(Digest digest) {
        return directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    /** Durable when this returns. The caller has checked the digest. */
    public void write(Digest digest, byte[] bytes) {
        var file = path(digest);
        try (var _ = locks.lock(digest)) {
            var existing = DurableFiles.find(file, MAX_BLOB_BYTES);
            if (existing.isPresent() && Arrays.equals(existing.get(), bytes)) {
                return;
            }
            DurableFiles.mkdirs(directory.resolve("blobs").resolve(digest.algorithm()));
            DurableFiles.write(file, bytes);
            usedBytes.addAndGet(bytes.length - existing.map(old -> old.length).orElse(0));
        }
    }

    /** Of all blobs. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /** Whether it is here, and was not found damaged. */
    public boolean has(Digest digest) {
        return !damaged.contains(digest) && Files.exists(path(digest));
    }

    /** Whether it is here, damaged or not. */
    public boolean holds(Digest digest) {
        return Files.exists(path(digest));
    }

    public Path directory() {
        return directory;
    }

    /**
     * Why a blob of any size is not what its name says; from then on it is not {@linkplain #has here}, until it is received again.
     *
     * @param read hears how many bytes were read, piece by piece
     */
    public Optional<String> trouble(Digest digest, LongConsumer read) {
        var trouble = look(digest, read);
        if (trouble.isPresent()) {
            damaged.add(digest);
        }
        return trouble;
    }

    private Optional<String> look(Digest digest, LongConsumer read) {
        try (var in = stream(digest)) {
            var hash = digest.newHash();
            var piece = new byte[PIECE_BYTES];
            for (var length = in.read(piece); length >= 0; length = in.read(piece)) {
                hash.update(piece, 0, length);
                read.accept(length);
            }
            var actual = digest.sameKind(hash);
            return actual.equals(digest) ? Optional.empty() : Optional.of("its digest is " + actual);
        } catch (IOException e) {
            return Optional.of("it cannot be read: " + e.getMessage());
        }
    }

    /** A blob that is here, whatever its size; the reader checks its digest. */
    public InputStream stream(Digest digest) {
        try {
            return Files.newInputStream(path(digest));
        } catch (NoSuchFileException e) {
            throw new Failure(Failure.Kind.ABSENT, "blob " + digest + " is not kept", e);
        } catch (IOException e) {
            throw DurableFiles.failed("read", path(digest), e);
        }
    }

    /** For a blob that will be read and checked by somebody else. */
    public IncomingBlob receive(Digest digest) {
        var target = path(digest);
        DurableFiles.mkdirs(directory.resolve("blobs").resolve(digest.algorithm()));
        var work = target.resolveSibling(
                digest.hex() + "." + sequence.incrementAndGet() + ".incoming" + DurableFiles.TEMPORARY_SUFFIX);
        var before = sizeOf(target);
        return new IncomingBlob(work, target, bytes -> {
            damaged.remove(digest);
            usedBytes.addAndGet(bytes - before);
        });
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
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

    /** Not waiting for the disk: what a power failure brings back, {@link #retain} removes. */
    public void remove(Digest digest) {
        try (var _ = locks.lock(digest)) {
            var bytes = sizeOf(path(digest));
            DurableFiles.discard(path(digest));
            damaged.remove(digest);
            usedBytes.addAndGet(-bytes);
        }
    }

    /** Removes blobs that are not in use, unfinished ones among them, and measures the others. For the start, when nobody writes. */
    public void retain(Set<Digest> used) {
        usedBytes.set(0);
        for (var algorithm : new String[] {"sha256", "sha512"}) {
            var blobs = directory.resolve("blobs").resolve(algorithm);
            if (!Files.isDirectory(blobs)) {
                continue;
            }
            var keep = used.stream().map(this::path).collect(Collectors.toSet());
            try (var children = Files.newDirectoryStream(blobs)) {
                for (var child : children) {
                    if (keep.contains(child)) {
                        usedBytes.addAndGet(sizeOf(child));
                    } else {
                        removeUnlessBroken(child);
                    }
                }
            } catch (IOException e) {
                throw DurableFiles.failed("list", blobs, e);
            }
        }
    }

    /** What the disk does not let go stays until a start on which it does. */
    private static void removeUnlessBroken(Path blob) {
        try {
            DurableFiles.remove(blob);
        } catch (Failure e) {
            log.atWarn().addKeyValue("event", "blob-not-removed").log("{}", e.getMessage());
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
        // Not waiting for the disk: it is made anew at each start.
        DurableFiles.place(directory.resolve("index.json"), index.toBytes());
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
