package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.KnownDirectories;
import io.keelson.host.failure.Failure;
import io.keelson.host.record.SetAside;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where records go that cannot be read: out of the way, and kept for whoever wants to know. */
public final class Quarantine {
    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

    private final Path directory;
    private final SetAside setAside = new SetAside();

    /** @param directory on the same file system as the records */
    public Quarantine(Path directory) {
        this.directory = directory;
        KnownDirectories.children(directory).forEach(setAside::addEarlier);
    }

    /** All that is here. */
    public SetAside setAside() {
        return setAside;
    }

    /** Moves the file or directory here; another of the same name that came before gives way. What cannot be moved is told as well. */
    public void take(Path records, String why) {
        DurableFiles.mkdirs(directory);
        var kept = directory.resolve(records.getFileName().toString());
        setAside.move(records, kept, why);
        log.atError()
                .addKeyValue("event", "record-quarantined")
                .addKeyValue("kept", kept)
                .log("cannot use {}: {}", records, why);
    }

    /** Restores what these records are of. Where that fails, it is told, and all stays as it is: the next start tries again. */
    public void unlessRestored(String kind, Path records, Runnable restoring) {
        try {
            restoring.run();
        } catch (Failure e) {
            setAside.add(records, "it could not be restored: " + e.getMessage());
            log.atError()
                    .addKeyValue("event", kind + "-not-restored")
                    .addKeyValue(kind, records.getFileName())
                    .setCause(e)
                    .log("cannot restore {} {}", kind, records.getFileName());
        }
    }
}
