package io.keelson.oci.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps monitors from being killed for want of memory (proc_pid_oom_score_adj(5)). Where that is not permitted, as in most
 * containers, it is said once.
 */
final class OomProtection {
    private static final Logger log = LoggerFactory.getLogger(OomProtection.class);
    private static final String NEVER = "-1000";

    private volatile boolean permitted = true;

    void protect(long pid) {
        if (!permitted) {
            return;
        }
        try {
            Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), NEVER, StandardOpenOption.WRITE);
        } catch (IOException e) {
            permitted = false;
            log.atWarn()
                    .addKeyValue("event", "monitors-not-protected")
                    .addKeyValue("reason", e.getMessage())
                    .log("monitors may be killed for want of memory");
        }
    }
}
