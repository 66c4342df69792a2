package io.keelson.oci.monitor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Needs root, and runc: that of the property {@code keelson.runc}, or the one that the checks have built before. */
class RuncIT extends MonitoredRuntimeContract {
    @Override
    Optional<Path> program() {
        var built = System.getProperty("user.home") + "/.cache/keelson/tools/runc-v1.4.0";
        return Stream.of(System.getProperty("keelson.runc", ""), built)
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    boolean keepsWhatHoldsTheOutput() {
        return false;
    }
}
