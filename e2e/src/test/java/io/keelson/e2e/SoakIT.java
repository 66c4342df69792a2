package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A little of what {@code e2e/chaos soak} does for hours. */
class SoakIT {
    private static final int CYCLES = Integer.getInteger("keelson.soak.cycles", SoakCycle.LENGTH);
    private static final int WARM_UP = Integer.getInteger("keelson.soak.warm-up", SoakCycle.LENGTH);
    private static final int WORKERS = 4;

    /** With fewer before it the daemon still compiles, and its memory says nothing. */
    private static final boolean IS_WARM = WARM_UP >= 1000;

    @TempDir
    Path directory;

    @Test
    @Tag("soak")
    void aDaemonHasNoMoreOfAnythingAfterManyPods() throws Exception {
        var growth = PodSoak.run(directory, new PodSoak.Plan(WARM_UP, CYCLES, WORKERS), System.out::println);

        assertThat(growth)
                .filteredOn(each -> IS_WARM || !each.quantity().isMemory())
                .noneMatch(Growth::isTooMuch);
    }
}
