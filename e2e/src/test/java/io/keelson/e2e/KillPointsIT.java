package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /** A method that was renamed would be found by one check in eight. */
    @Test
    void everyPointIsOfAMethodThatThereIs() throws Exception {
        try (var program = new URLClassLoader(jars(), null)) {
            for (var point : KillPoint.all()) {
                assertThat(methods(program, point.spot().type()))
                        .as(point.name())
                        .contains(point.spot().method());
                if (point.recovery().isPresent()) {
                    var spot = point.recovery().get();
                    assertThat(methods(program, spot.type())).as(point.name()).contains(spot.method());
                }
            }
        }
    }

    private static URL[] jars() throws IOException {
        try (var files = Files.newDirectoryStream(Path.of(Program.required("keelson.home"), "lib"), "*.jar")) {
            var urls = new ArrayList<URL>();
            for (var file : files) {
                urls.add(file.toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }

    private static List<String> methods(ClassLoader program, String type) throws IOException {
        try (var bytes = program.getResourceAsStream(type.replace('.', '/') + ".class")) {
            assertThat(bytes).as(type).isNotNull();
            return ClassFile.of().parse(bytes.readAllBytes()).methods().stream()
                    .map(method -> method.methodName().stringValue())
                    .toList();
        }
    }

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
