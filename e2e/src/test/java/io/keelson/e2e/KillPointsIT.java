package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real daemon dies at named points. A check takes each eighth of them, and which ones is of chance: {@code -Dkeelson.chaos.seed} repeats
 * it. {@code e2e/chaos} takes all, many times.
 */
class KillPointsIT {
    private static final int LEAST_POINTS = 70;
    private static final int SHARE = 8;

    @TempDir
    Path directory;

    @Test
    @Tag("K1")
    void nothingIsLostOrLeftWhereverTheDaemonDies() throws Exception {
        var all = KillPoint.all();
        assertThat(all).hasSizeGreaterThanOrEqualTo(LEAST_POINTS).doesNotHaveDuplicates();
        long seed = Long.getLong("keelson.chaos.seed", new Random().nextInt(SHARE));
        var chosen = IntStream.range(0, all.size())
                .filter(number -> number % SHARE == seed % SHARE)
                .mapToObj(all::get)
                .toList();
        var begin = System.nanoTime();
        try (var scene = new ChaosScene(directory)) {
            for (var point : chosen) {
                try {
                    scene.survives(point, 0);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("kill point \"" + point + "\" of seed " + seed + ": " + e, e);
                }
            }
        }
        System.out.printf(
                "kill points: %d of %d, seed %d, in %d ms%n",
                chosen.size(), all.size(), seed, (System.nanoTime() - begin) / 1_000_000);
    }
}
