package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The freezer of a group (cgroups(7), "freezer"; cgroup v2 documentation, "cgroup.freeze"). */
final class Freezing {
    private Freezing() {}

    static void thawVersion1(Path group) {
        replace(group.resolve("freezer.state"), "THAWED");
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
