package io.keelson.oci.monitor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Needs root; crun refuses the hybrid cgroup layout, and then all of it is skipped. */
class CrunIT extends MonitoredRuntimeContract {
    @Override
    Optional<Path> program() {
        return Optional.of(Path.of("/usr/bin/crun")).filter(Files::isExecutable);
    }

    @Override
    boolean keepsWhatHoldsTheOutput() {
        return true;
    }
}
