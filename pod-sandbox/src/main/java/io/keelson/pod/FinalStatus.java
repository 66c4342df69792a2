package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of what has come to its end. It has to be on disk for what the kernel and the monitors forget; but stopping and
 * removing are how a full disk gets room again, and must not wait for that.
 */
public final class FinalStatus {
    private static final Logger log = LoggerFactory.getLogger(FinalStatus.class);

    private FinalStatus() {}

    /** As {@link #write(Path, Runnable)}, of a file that is replaced. */
    public static void write(Path file, byte[] status) {
        write(file, () -> DurableFiles.write(file, status));
    }

    /**
     * Has the end be written, except that a disk that is full, or broken, is no reason to fail, and the older status stays: after a
     * restart the end is found out again, from the monitor's exit file and from namespaces that are gone.
     */
    static void write(Path file, Runnable writing) {
        try {
            writing.run();
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "status-not-written")
                    .addKeyValue("file", file)
                    .log("the end is not on disk: {}", e.getMessage());
        }
    }
}
