package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which boot of the machine this is (random(4), boot_id): what another boot left under {@code /run} is gone. */
public final class BootId {
    private BootId() {}

    /** As long as this process lives there is one. */
    public static String current() {
        return Known.CURRENT;
    }

    private static final class Known {
        private static final String CURRENT = read();
    }

    private static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw Failure.internal("cannot read the boot id", e);
        }
    }
}
