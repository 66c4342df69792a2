package io.keelson.simulation;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RealDiskTest extends DiskContract {
    @TempDir
    Path directory;

    @Override
    Path directory() {
        return directory;
    }
}
