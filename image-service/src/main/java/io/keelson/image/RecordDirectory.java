package io.keelson.image;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.record.RecordFormat;
import io.keelson.host.record.SetAside;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.layer.LayerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of image records: {@code <algorithm>-<hex>.json} for each image, which is what makes it exist, and beside it
 * {@code <algorithm>-<hex>.pull}, how its last pull went, which may be lost.
 */
final class RecordDirectory {
    private static final Logger log = LoggerFactory.getLogger(RecordDirectory.class);
    private static final String NAME = "image-records";
    private static final String RECORD_SUFFIX = ".json";
    private static final String TIMELINE_SUFFIX = ".pull";
    private static final String BAD_SUFFIX = ".bad";

    private final Path directory;
    private final SetAside setAside = new SetAside();

    private RecordDirectory(Path directory) {
        this.directory = directory;
    }

    /** To be looked at; it may not be there. */
    static RecordDirectory at(Path root) {
        return new RecordDirectory(root.resolve(NAME));
    }

    static RecordDirectory open(Path root) {
        DurableFiles.mkdirs(root.resolve(NAME));
        return at(root);
    }

    /** Reads all records; sets aside, with the suffix {@code .bad}, those that cannot be used. */
    List<ImageRecord> load(OciLayout layout, LayerStore layers) {
        var images = new ArrayList<ImageRecord>();
        try (var children = Files.newDirectoryStream(directory)) {
            for (var child : children) {
                var name = child.getFileName().toString();
                if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
                    DurableFiles.remove(child);
                } else if (name.endsWith(BAD_SUFFIX)) {
                    setAside.addEarlier(child);
                } else if (name.endsWith(RECORD_SUFFIX)) {
                    load(child, layout, layers).ifPresent(images::add);
                }
            }
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
        forgetOtherPulls(images);
        return images;
    }

    /** How pulls of images went that are gone: they are not removed in one step, nor are they synchronised. */
    private void forgetOtherPulls(List<ImageRecord> images) {
        var known = images.stream().map(image -> timeline(image.id())).collect(Collectors.toSet());
        try (var pulls = Files.newDirectoryStream(
                directory, child -> child.toString().endsWith(TIMELINE_SUFFIX) && !known.contains(child))) {
            pulls.forEach(DurableFiles::discard);
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }

    private Optional<ImageRecord> load(Path file, OciLayout layout, LayerStore layers) {
        try {
            var image = RecordFile.read(file, layout);
            if (!file.equals(record(image.id()))) {
                throw Failure.invalid("the record is of image " + image.id());
            }
            for (var diffId : image.diffIds()) {
                if (layers.find(diffId).isEmpty()) {
                    throw Failure.absent("layer " + diffId + " is missing");
                }
            }
            return Optional.of(image);
        } catch (Failure e) {
            RecordFormat.passOnNewer(e, file);
            log.atWarn()
                    .addKeyValue("event", "image-set-aside")
                    .addKeyValue("record", file)
                    .setCause(e)
                    .log("image record {} cannot be used: {}", file.getFileName(), e.getMessage());
            setAside.move(file, file.resolveSibling(file.getFileName() + BAD_SUFFIX), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    SetAside setAside() {
        return setAside;
    }

    void write(ImageRecord image) {
        DurableFiles.write(record(image.id()), RecordFile.write(image));
    }

    void remove(ImageId id) {
        DurableFiles.remove(record(id));
        try {
            Files.deleteIfExists(timeline(id));
        } catch (IOException e) {
            logTimeline(id, e);
        }
    }

    /** Not waiting for the disk, and never a reason to fail. */
    void keepTimeline(ImageId id, Json.Obj pull) {
        try {
            Files.write(timeline(id), pull.toBytes());
        } catch (IOException e) {
            logTimeline(id, e);
        }
    }

    Optional<Json.Obj> lastPull(ImageId id) {
        try {
            return DurableFiles.find(timeline(id), RecordFile.MAX_BYTES).map(Json::parseObject);
        } catch (Failure e) {
            return Optional.empty();
        }
    }

    private static void logTimeline(ImageId id, IOException e) {
        log.atWarn()
                .addKeyValue("event", "pull-timeline-lost")
                .addKeyValue("image", id)
                .setCause(e)
                .log("cannot keep how image {} was pulled: {}", id, e.getMessage());
    }

    private Path record(ImageId id) {
        return directory.resolve(stem(id) + RECORD_SUFFIX);
    }

    private Path timeline(ImageId id) {
        return directory.resolve(stem(id) + TIMELINE_SUFFIX);
    }

    private static String stem(ImageId id) {
        return id.digest().algorithm() + "-" + id.digest().hex();
    }
}
