package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing stays of what {@code e2e/chaos} and {@code e2e/bench} run, however they end. */
class ApartIT {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** Where the run has its directory, and tests have theirs: below those, paths of sockets would be too long. */
    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    /** Of programs that begin with a registry, a daemon and a pull. */
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private final String name = "a" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
    private Path said;

    @BeforeEach
    void make() {
        said = directory.resolve("said");
    }

    private Process start(String... command) throws IOException {
        var line =
                new ArrayList<>(List.of(Path.of("apart", "run").toAbsolutePath().toString(), name));
        line.addAll(List.of(command));
        var builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("TMPDIR", TEMPORARY.toString());
        return builder.start();
    }

    @Test
    @Tag("apart")
    void aKillOfTheScriptEndsDaemonMonitorAndContainer() throws Exception {
        var script = start(chaos());
        try {
            var namespace = Awaitility.await("a monitor of the run")
                    .atMost(LONG)
                    .until(
                            () -> {
                                assertThat(script.isAlive())
                                        .as(() -> read(said))
                                        .isTrue();
                                return namespaceOfMonitors();
                            },
                            Optional::isPresent)
                    .orElseThrow();
            var run = files().getFirst().getFileName().toString().replace(".", "");
            // The monitor is there before the runtime makes the container's.
            Awaitility.await("control groups of the run")
                    .atMost(LONG)
                    .until(() -> !groups(run).isEmpty());

            script.destroyForcibly().waitFor();

            Awaitility.await().atMost(LifeScene.PATIENCE).untilAsserted(() -> {
                assertThat(NodeProcesses.namespaces("pid")).doesNotContain(namespace);
                assertThat(groups(run)).isEmpty();
                assertThat(files()).isEmpty();
            });
        } finally {
            script.destroyForcibly();
        }
    }

    /** A process that makes a monitor has its name, for a moment. */
    private Optional<String> namespaceOfMonitors() throws IOException {
        var namespaces = new ArrayList<String>();
        for (var run : files()) {
            for (var monitor : NodeProcesses.monitors(run)) {
                NodeProcesses.namespace(monitor, "pid").ifPresent(namespaces::add);
            }
        }
        return namespaces.stream().findFirst();
    }

    /** As {@code e2e/chaos} does it, with the classes of this test. */
    private static String[] chaos() {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var line = new ArrayList<>(List.of(
                "sh",
                "-c",
                "exec apart/places \"$0\" -Djava.io.tmpdir=\"$TMPDIR\" -Dkeelson.run=\"$KEELSON_RUN\" \"$@\"",
                java,
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData"));
        for (var property : List.of("keelson.home", "keelson.materials", "keelson.runc", "keelson.streaming")) {
            line.add("-D" + property + "=" + Program.required(property));
        }
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.keelson.e2e.ChaosCommand", "kill"));
        return line.toArray(String[]::new);
    }

    @Test
    void aSignalEndsAllAndTheScriptWaitsForThat() throws Exception {
        var script = start("sh", "-c", "sleep 100000 & touch \"$TMPDIR/begun\"; wait");
        Awaitility.await()
                .atMost(LifeScene.PATIENCE)
                .until(() -> files().stream().anyMatch(run -> Files.exists(run.resolve("begun"))));

        script.destroy();

        assertThat(script.waitFor(LifeScene.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(script.exitValue()).isNotZero();
        assertThat(files()).isEmpty();
    }

    @Test
    void theScriptEndsAsItsCommandDoes() throws Exception {
        var script = start("sh", "-c", "echo \"$0 $1\"; exit 3", "two words", "");

        assertThat(script.waitFor()).isEqualTo(3);
        assertThat(read(said)).isEqualTo("two words \n");
        assertThat(files()).isEmpty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The directory of the run, as long as there is one. */
    private List<Path> files() throws IOException {
        return children(TEMPORARY).stream()
                .filter(child -> child.getFileName().toString().startsWith(name + "."))
                .toList();
    }

    private static List<Path> children(Path directory) throws IOException {
        try (var children = Files.list(directory)) {
            return children.toList();
        }
    }

    /** The control groups of a run, in each hierarchy. */
    private static List<Path> groups(String run) throws IOException {
        var found = new ArrayList<Path>();
        for (var root : Stream.concat(Stream.of(CGROUPS), children(CGROUPS).stream())
                .filter(Files::isDirectory)
                .toList()) {
            children(root).stream()
                    .filter(group -> group.getFileName().toString().startsWith("keelson-" + run + "-"))
                    .forEach(found::add);
        }
        return found;
    }
}
