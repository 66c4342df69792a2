package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SpawnedProcessesTest {
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
    void aStartedChildHasItsExtraDescriptorsAndNothingElse() {
        try (var pipe = Descriptors.pipe();
                var child = processes.start(
                        List.of("/bin/sh", "-c", "ls /proc/$$/fd | cat >&4; exit 3"),
                        Command.MINIMAL_ENVIRONMENT,
                        Map.of(4, pipe.writeEnd()))) {
            assertThat(child.await(Deadline.in(Duration.ofSeconds(10)))).hasValue(3);

            var buffer = ByteBuffer.allocateDirect(100);
            Descriptors.read(pipe.readEnd(), buffer);
            var bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            assertThat(Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\n")))
                    .containsExactly("0", "1", "2", "4");
        }
    }

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }
}
