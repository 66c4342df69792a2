package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.lifecycle.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AbandonedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String word = "KEELSON_TEST=" + UUID.randomUUID();
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    @Test
    void killsWhatHasTheWordInItsEnvironmentWithAllThatItStarted() throws Exception {
        var plugin = start(word, "sh", "-c", "sleep 1000 & setsid sleep 1000 & wait");
        while (plugin.descendants().count() < 2) {
            Thread.onSpinWait();
        }
        var all = plugin.descendants().toList();

        assertThat(Abandoned.kill(Set.of(word), Deadline.in(PATIENCE))).isEqualTo(3);

        assertThat(plugin.waitFor()).isEqualTo(137);
        awaitEnd(all);
    }

    @Test
    void killsWhatHasTheWordAsAnArgument() throws Exception {
        var monitor = start("A=1", "sh", "-c", "sleep 1000", "sh", word);

        assertThat(Abandoned.kill(Set.of(word), Deadline.in(PATIENCE))).isPositive();

        assertThat(monitor.waitFor()).isEqualTo(137);
    }

    @Test
    void leavesWhatHasTheWordAsAPartOfAnother() throws Exception {
        var longer = start(word + "0", "sleep", "1000");
        var argument = start("A=1", "sh", "-c", "sleep 1000", "sh", "x" + word);

        assertThat(Abandoned.kill(Set.of(word), Deadline.in(PATIENCE))).isZero();

        assertThat(List.of(longer, argument)).allMatch(Process::isAlive);
    }

    /** Whoever adopted them reaps them in its own time. */
    private static void awaitEnd(List<ProcessHandle> processes) {
        var deadline = Deadline.in(PATIENCE);
        while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
            assertThat(deadline.hasPassed()).as("they have not ended").isFalse();
            Thread.onSpinWait();
        }
    }

    private Process start(String entry, String... command) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.environment().put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
        var process = builder.start();
        started.add(process);
        return process;
    }
}
