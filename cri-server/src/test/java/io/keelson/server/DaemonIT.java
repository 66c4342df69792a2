package io.keelson.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process. */
class DaemonIT {
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatWasStarted() throws InterruptedException {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
        // A daemon that was killed leaves it to the next.
        Mounts.unmountAll(directory.resolve("state/exits"));
    }

    @Test
    @Tag("K5")
    void endsInOrderAndInTimeWhenTold() throws Exception {
        var daemon = serve("first");

        daemon.destroy();

        assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isZero();
        assertThat(directory.resolve("k.sock")).doesNotExist();
        assertThat(log("first")).contains("event=serving").contains("event=stopping");
        assertThat(Mounts.isMountPoint(directory.resolve("state/exits"))).isFalse();
    }

    @Test
    void startsAgainAfterItWasKilled() throws Exception {
        serve("first").destroyForcibly().waitFor();
        assertThat(directory.resolve("k.sock")).exists();

        serve("second");

        assertThat(log("second")).contains("event=serving");
    }

    @Test
    @Tag("K5")
    void leavesTheDataOfARunningDaemonAlone() throws Exception {
        var first = serve("first");

        var second = start("second");

        assertThat(second.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(1);
        assertThat(log("second")).contains("process " + first.pid() + " uses it");
        assertThat(first.isAlive()).isTrue();
        assertThat(directory.resolve("k.sock")).exists();
    }

    @Test
    void saysWhatIsWrongWithItsConfigurationAndStops() throws Exception {
        var daemon = start("first", "[server]\nsock = \"/x\"\n");

        assertThat(daemon.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isEqualTo(1);
        assertThat(log("first")).contains("unknown key \"server.sock\"; did you mean \"server.socket\"?");
    }

    private Process serve(String name) throws Exception {
        var process = start(name);
        var end = System.nanoTime() + START.toNanos();
        while (!log(name).contains("event=serving")) {
            assertThat(process.isAlive()).as(log(name)).isTrue();
            assertThat(System.nanoTime()).as("no answer: " + log(name)).isLessThan(end);
            Thread.sleep(50);
        }
        return process;
    }

    private Process start(String name) throws IOException {
        return start(name, """
                [server]
                socket = "%1$s/k.sock"
                [storage]
                root = "%1$s/root"
                state = "%1$s/state"
                [network]
                configuration_directories = ["%1$s/net.d"]
                """.formatted(directory));
    }

    private Process start(String name, String configuration) throws IOException {
        var file = Files.writeString(directory.resolve("keelson.toml"), configuration);
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.keelson.server.Main",
                        "--config",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
        started.add(process);
        return process;
    }

    private String log(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }
}
