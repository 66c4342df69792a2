package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where records go that cannot be read: out of the way, and kept for whoever wants to know. */
public final class Quarantine {
    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

    private final Path directory;

    /** @param directory on the same file system as the records */
    public Quarantine(Path directory) {
        this.directory = directory;
    }

    /** Moves the directory here; another of the same name that came before gives way. */
    public void take(Path records, String why) {
        DurableFiles.mkdirs(directory);
        var kept = directory.resolve(records.getFileName().toString());
        DurableFiles.deleteTree(kept);
        DurableFiles.publish(records, kept);
        log.atError()
                .addKeyValue("event", "record-quarantined")
                .addKeyValue("kept", kept)
                .log("cannot use {}: {}", records, why);
    }
}
