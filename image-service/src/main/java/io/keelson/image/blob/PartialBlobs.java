package io.keelson.image.blob;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Large blobs that came in part: for each a file with what is there, and a record of which parts that are. They outlive the pull that
 * began them and the daemon, for the pull that comes again; those that nobody comes back to go after {@link #KEPT_FOR}. Thread-safe.
 */
public final class PartialBlobs {
    /** From the last part that came. */
    static final Duration KEPT_FOR = Duration.ofHours(24);

    private static final Logger log = LoggerFactory.getLogger(PartialBlobs.class);
    private static final String DATA = ".data";
    private static final String RECORD = ".json";

    private final Path directory;
    private final Map<Digest, PartialBlob> taken = new HashMap<>();
    /** Bytes on disk, by the file that has them. */
    private final Map<Path, AtomicLong> used = new ConcurrentHashMap<>();

    private PartialBlobs(Path directory) {
        this.directory = directory;
    }

    /** Removes what cannot be used any more. */
    public static PartialBlobs open(Path directory) {
        DurableFiles.mkdirs(directory);
        var partials = new PartialBlobs(directory);
        partials.removeOld(Instant.now().minus(KEPT_FOR));
        partials.count();
        return partials;
    }

    /** For one who fetches it, until that closes it; absent if somebody else does already. */
    public synchronized Optional<PartialBlob> take(Digest digest, long sizeBytes, int partBytes) {
        removeOld(Instant.now().minus(KEPT_FOR));
        if (taken.containsKey(digest)) {
            return Optional.empty();
        }
        var record = find(digest)
                .filter(found -> found.sizeBytes() == sizeBytes)
                .orElseGet(() -> PartRecord.empty(digest, sizeBytes, partBytes));
        var bytes = new AtomicLong();
        var blob = new PartialBlob(data(digest), record(digest), record, bytes::addAndGet, () -> giveBack(digest));
        bytes.addAndGet(blob.bytesFound());
        used.put(data(digest), bytes);
        taken.put(digest, blob);
        return Optional.of(blob);
    }

    /** What is here of all blobs. Parts that a kill left unfinished count from when they are brought again. */
    public long usedBytes() {
        return used.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** What those blobs will take that are being fetched, beside what they have. */
    public synchronized long outstandingBytes() {
        return taken.values().stream().mapToLong(PartialBlob::bytesMissing).sum();
    }

    /** Whether a part of it is here. */
    public boolean has(Digest digest, long sizeBytes) {
        return find(digest)
                .filter(found -> found.sizeBytes() == sizeBytes && !found.done().isEmpty())
                .isPresent();
    }

    private synchronized void giveBack(Digest digest) {
        taken.remove(digest);
        if (!Files.exists(data(digest))) {
            used.remove(data(digest));
        }
    }

    private Optional<PartRecord> find(Digest digest) {
        return Files.exists(data(digest))
                ? read(record(digest)).filter(found -> found.digest().equals(digest))
                : Optional.empty();
    }

    private static Optional<PartRecord> read(Path file) {
        try {
            return DurableFiles.find(file, PartRecord.MAX_BYTES).map(PartRecord::parse);
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "partial-blob-lost")
                    .addKeyValue("file", file)
                    .log("the parts of a blob that {} describes cannot be used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** All but those that are being fetched. */
    public synchronized void removeUnused() {
        removeOld(Instant.MAX);
    }

    /** A file without a record is of no use either. */
    private synchronized void removeOld(Instant before) {
        var inUse = new HashSet<Path>();
        for (var digest : taken.keySet()) {
            inUse.add(data(digest));
            inUse.add(record(digest));
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (!inUse.contains(file) && isOld(file, before)) {
                    DurableFiles.remove(file);
                    used.remove(file);
                }
            }
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }

    private void count() {
        try (var files = Files.newDirectoryStream(directory, PartialBlobs::isData)) {
            for (var file : files) {
                read(sibling(file, RECORD)).ifPresent(record -> used.put(file, new AtomicLong(record.bytesDone())));
            }
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }

    private static boolean isData(Path file) {
        return file.getFileName().toString().endsWith(DATA);
    }

    private static Path sibling(Path data, String suffix) {
        var name = data.getFileName().toString();
        return data.resolveSibling(name.substring(0, name.length() - DATA.length()) + suffix);
    }

    /** By its record, which is written when a part has come. */
    private boolean isOld(Path file, Instant before) {
        var name = file.getFileName().toString();
        if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
            return taken.isEmpty();
        }
        var record = name.endsWith(DATA) ? sibling(file, RECORD) : file;
        try {
            return Files.getLastModifiedTime(record).toInstant().isBefore(before);
        } catch (IOException e) {
            return true;
        }
    }

    private Path data(Digest digest) {
        return directory.resolve(digest.algorithm() + "-" + digest.hex() + DATA);
    }

    private Path record(Digest digest) {
        return directory.resolve(digest.algorithm() + "-" + digest.hex() + RECORD);
    }
}
