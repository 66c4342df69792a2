package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Needs root (namespaces), or takes long. */
@Timeout(120)
class SpawnedProcessesIT {
    private final Processes processes = new SpawnedProcesses();

    @Test
    void aGigabyteOfOutputIsReadAndAMegabyteKept() {
        var finished = processes.run(
                Command.of("/bin/sh", "-c", "head -c 1073741824 /dev/zero; head -c 1073741824 /dev/zero >&2")
                        .within(Duration.ofSeconds(100)));

        assertThat(finished.isSuccess()).isTrue();
        assertThat(finished.truncated()).isTrue();
        assertThat(finished.stdout()).hasSize(Command.OUTPUT_LIMIT_BYTES);
        assertThat(finished.stderr()).hasSize(Command.OUTPUT_LIMIT_BYTES);
    }

    @Test
    void aProgramStartedByAThreadThatMovedIsInItsNamespaces() {
        var name = PlatformThread.call("move", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWUTS);
            Namespaces.sethostname("a-pod");
            return new String(processes.run(Command.of("/bin/hostname")).stdout(), StandardCharsets.UTF_8);
        });

        assertThat(name.strip()).isEqualTo("a-pod");
    }

    @Test
    void aThousandProgramsLeaveNeitherDescriptorsNorZombies() throws IOException {
        processes.run(Command.of("/bin/true"));
        var before = openDescriptors();
        var durations = new long[1000];

        for (var i = 0; i < durations.length; i++) {
            var begin = System.nanoTime();
            assertThat(processes.run(Command.of("/bin/true")).exitCode()).isZero();
            durations[i] = System.nanoTime() - begin;
        }

        Arrays.sort(durations);
        System.out.println("spawn of /bin/true to its exit code, p50 µs: " + durations[500] / 1000);
        assertThat(openDescriptors()).isLessThan(before + 10);
        assertThat(zombies()).isZero();
    }

    private static long openDescriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private static long zombies() {
        return ProcessHandle.current()
                .children()
                .filter(child -> ProcessIdentity.of(child.pid())
                        .filter(identity -> !identity.isAlive())
                        .isPresent())
                .count();
    }
}
