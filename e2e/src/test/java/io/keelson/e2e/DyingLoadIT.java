package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A little of what {@code e2e/chaos load} does for longer and with more. */
class DyingLoadIT {
    private static final int PODS = Integer.getInteger("keelson.load.pods", 4);
    private static final int SECONDS = Integer.getInteger("keelson.load.seconds", 4);
    private static final long SEED = Long.getLong("keelson.load.seed", 1);

    @TempDir
    Path directory;

    @Test
    @Tag("load")
    void everybodyAgreesAfterTheDaemonWasKilledUnderLoad() throws Exception {
        var report = DyingLoad.run(directory, PODS, Duration.ofSeconds(SECONDS), SEED);

        System.out.println(report);
        assertThat(report.kills()).isPositive();
        assertThat(report.pods()).isEqualTo(PODS);
    }
}
