package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Pidfd;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SpawnedProcessesTest {
    private static final Path ROOT = Path.of("/");

    private final Processes processes = new SpawnedProcesses();

    @Test
    void returnsWhatTheProgramPrintsAndItsExitCode() {
        var finished = processes.run(
                shell("cat; echo problem >&2; exit 7").withStdin("input".getBytes(StandardCharsets.UTF_8)));

        assertThat(finished.exitCode()).isEqualTo(7);
        assertThat(finished.stdout()).asString().isEqualTo("input");
        assertThat(finished.complaint()).isEqualTo("problem");
        assertThat(finished.isSuccess()).isFalse();
    }

    @Test
    void aSignalIsAnExitCodeAbove128() {
        assertThat(processes.run(shell("kill -TERM $$")).exitCode()).isEqualTo(128 + 15);
    }

    @Test
    void theProgramHasJustTheThreeStandardDescriptors() {
        var finished = processes.run(shell("ls /proc/$$/fd"));

        assertThat(finished.stdout()).asString().isEqualTo("0\n1\n2\n");
    }

    @Test
    void theProgramHasExactlyTheEnvironmentItIsGiven() {
        var finished = processes.run(Command.of("/usr/bin/env").withEnvironment(Map.of("ONLY", "this")));

        assertThat(finished.stdout()).asString().isEqualTo("ONLY=this\n");
    }

    @Test
    void theDeadlineEndsTheWholeProcessGroup() {
        var finished = processes.run(shell("sleep 987 & echo $!; sleep 987").within(Duration.ofMillis(300)));

        assertThat(finished.timedOut()).isTrue();
        var grandchild = Long.parseLong(new String(finished.stdout(), StandardCharsets.UTF_8).strip());
        assertThat(ProcessIdentity.of(grandchild).filter(ProcessIdentity::isAlive))
                .isEmpty();
    }

    @Test
    void theDeadlineEndsDescendantsInSessionsOfTheirOwn() {
        var finished = processes.run(shell("setsid sh -c 'echo $$; setsid sleep 987; true' & sleep 987")
                .within(Duration.ofMillis(300)));

        assertThat(finished.timedOut()).isTrue();
        var stray = Long.parseLong(new String(finished.stdout(), StandardCharsets.UTF_8).strip());
        assertThat(ProcessIdentity.of(stray).filter(ProcessIdentity::isAlive)).isEmpty();
    }

    @Test
    void aDescendantThatPrintsWithoutEndDoesNotDelayTheAnswer() {
        var finished = processes.run(shell("setsid sh -c 'exec 0</dev/null; timeout 5 yes' & sleep 0.2; kill -9 $$")
                .limitedTo(1000, 1000)
                .within(Duration.ofSeconds(4)));

        assertThat(finished.timedOut()).isFalse();
        assertThat(finished.exitCode()).isEqualTo(128 + 9);
    }

    @Test
    @Tag("K4")
    void outputBeyondTheLimitIsDroppedAndTheProgramGoesOn() {
        var finished =
                processes.run(shell("head -c 50000000 /dev/zero; echo done >&2").limitedTo(1000, 1000));

        assertThat(finished.stdout()).hasSize(1000);
        assertThat(finished.truncated()).isTrue();
        assertThat(finished.complaint()).isEqualTo("done");
    }

    @Test
    void aDescendantThatHoldsThePipesDoesNotDelayTheAnswer() {
        var begin = System.nanoTime();

        var finished = processes.run(shell("setsid sleep 5 & echo answered"));

        assertThat(finished.stdout()).asString().isEqualTo("answered\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void aProgramThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> processes.run(Command.of("/no/such/program")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("/no/such/program")
                .hasMessageContaining("ENOENT");
    }

    @Test
    void anInterruptKillsTheProgramAndIsRestored() throws InterruptedException {
        var outcome = new Throwable[1];
        var flag = new boolean[1];
        var thread = Thread.ofVirtual().start(() -> {
            try {
                processes.run(shell("sleep 987"));
            } catch (Failure e) {
                outcome[0] = e;
                flag[0] = Thread.currentThread().isInterrupted();
            }
        });
        Thread.sleep(200);

        thread.interrupt();
        thread.join();

        assertThat(outcome[0]).hasMessageContaining("interrupted");
        assertThat(flag[0]).isTrue();
    }

    @Test
    void aStartedChildIsInItsDirectory(@TempDir Path directory) throws Exception {
        try (var child = processes.start(List.of("/bin/sleep", "987"), Map.of(), directory, Map.of())) {
            assertThat(Path.of("/proc/" + child.pid() + "/cwd").toRealPath()).isEqualTo(directory.toRealPath());
            child.pidfd().sendSignal(Pidfd.SIGKILL);
        }
    }

    @Test
    void aStartedChildHasItsExtraDescriptorsAndNothingElse() {
        try (var pipe = Descriptors.pipe();
                var child = processes.start(
                        List.of("/bin/sh", "-c", "ls /proc/$$/fd; exit 3"),
                        Command.MINIMAL_ENVIRONMENT,
                        ROOT,
                        Map.of(1, pipe.writeEnd(), 4, pipe.writeEnd()))) {
            assertThat(child.await(Deadline.in(Duration.ofSeconds(10)))).hasValue(3);

            var buffer = ByteBuffer.allocateDirect(100);
            Descriptors.read(pipe.readEnd(), buffer);
            var bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            assertThat(Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\n")))
                    .containsExactly("0", "1", "2", "4");
        }
    }

    @Test
    void aChildThatNobodyAwaitsIsReaped() throws InterruptedException {
        long pid;
        try (var child = processes.start(List.of("/bin/true"), Map.of(), ROOT, Map.of())) {
            pid = child.pid();
        }

        while (Files.exists(Path.of("/proc/" + pid))) {
            Thread.sleep(5);
        }
    }

    @Test
    void waitingForAChildEndsAtTheDeadline() {
        try (var child = processes.start(List.of("/bin/sleep", "987"), Map.of(), ROOT, Map.of())) {
            assertThat(child.await(Deadline.in(Duration.ofMillis(50)))).isEmpty();

            child.pidfd().sendSignal(Pidfd.SIGKILL);

            assertThat(child.await(Deadline.in(Duration.ofSeconds(10)))).hasValue(128 + 9);
            assertThat(child.pidfd().sendSignal(Pidfd.SIGKILL)).isFalse();
        }
    }

    /** More of them than carriers: if each held one, nobody could start the programs that end the waiting. */
    @Test
    void manyVirtualThreadsWaitAtOnce() {
        var waits = new ArrayList<Callable<Integer>>();
        for (var i = 0; i < 50; i++) {
            waits.add(() -> {
                try (var child = processes.start(List.of("/bin/sleep", "0.5"), Map.of(), ROOT, Map.of())) {
                    return child.await(Deadline.in(Duration.ofSeconds(20))).orElseThrow();
                }
            });
        }
        var begin = System.nanoTime();

        assertThat(Forks.join(waits)).containsOnly(0);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }
}
