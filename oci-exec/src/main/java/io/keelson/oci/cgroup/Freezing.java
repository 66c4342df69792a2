package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** The freezer of a group (cgroups(7), "freezer"; cgroup v2 documentation, "cgroup.freeze"). */
final class Freezing {
    private static final String STATE = "freezer.state";
    private static final String FROZEN = "FROZEN";
    private static final Duration FREEZE_PATIENCE = Duration.ofMillis(200);

    private Freezing() {}

    /** Until it is, or for as long as it may take: what waits in the kernel (state D) does not freeze, and does not fork either. */
    static void freezeVersion1(Path group) {
        var state = group.resolve(STATE);
        replace(state, FROZEN);
        try (var patience = new Patience(FREEZE_PATIENCE)) {
            while (!FROZEN.equals(read(state)) && patience.pause()) {
                // It is FREEZING.
            }
        }
    }

    private static String read(Path state) {
        try {
            return Files.readString(state, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            // A group that is gone has nobody in it.
            return FROZEN;
        }
    }

    static void thawVersion1(Path group) {
        replace(group.resolve(STATE), "THAWED");
    }

    static void thawVersion2(Path group) {
        replace(group.resolve("cgroup.freeze"), "0");
    }

    private static void replace(Path file, String wanted) {
        try {
            if (!Files.readString(file, StandardCharsets.US_ASCII).strip().equals(wanted)) {
                Files.writeString(file, wanted, StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            // The root of a hierarchy has no such file, and a group that is gone has none any more.
            if (Files.exists(file)) {
                throw Failure.internal("cannot write " + file, e);
            }
        }
    }
}
