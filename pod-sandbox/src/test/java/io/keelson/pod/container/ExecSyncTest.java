package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.process.Finished;
import io.keelson.host.process.OutputShare;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Running;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecSyncTest extends ContainerBench {
    private static final Optional<Duration> NO_LIMIT = Optional.empty();

    private ExecSync exec;

    @BeforeEach
    void makeExec() {
        exec = new ExecSync(new CommandRunner(catalog, paths, runtime));
    }

    private void running() throws IOException {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        Files.writeString(
                paths.spec(ID),
                "{\"process\":{\"terminal\":true,\"args\":[\"/init\"],\"cwd\":\"/w\",\"user\":{\"uid\":7},\"noNewPrivileges\":true}}");
    }

    private static void refused(ThrowingCallable call, Failure.Kind kind, String why) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    @Test
    void theCommandRunsAsTheContainersProcessWithoutATerminal() throws IOException {
        running();

        exec.run(ID, List.of("/bin/id", ""), NO_LIMIT, OutputShare.UNLIMITED);

        var request = runtime.executed.getFirst();
        assertThat(new String(request.process().toBytes(), StandardCharsets.UTF_8))
                .isEqualTo("{\"terminal\":false,\"args\":[\"/bin/id\",\"\"],\"cwd\":\"/w\",\"user\":{\"uid\":7},"
                        + "\"noNewPrivileges\":true}");
        assertThat(Json.parseObject(request.process().toBytes()).object("user").number("uid"))
                .isEqualTo(7);
        assertThat(request.cgroup()).isEqualTo(CGROUP);
    }

    @Test
    void whatTheCommandSaidAndItsCodeAreTheResult() throws IOException {
        running();
        runtime.answer = new Finished(3, new byte[] {1}, new byte[] {2}, false, true);

        var result = exec.run(ID, List.of("/bin/x"), NO_LIMIT, OutputShare.UNLIMITED);

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.stdout()).containsExactly(1);
        assertThat(result.stderr()).containsExactly(2);
        assertThat(result.isTruncated()).isTrue();
    }

    @Test
    void aCommandThatTakesTooLongIsATimeout() throws IOException {
        running();
        runtime.answer = new Finished(137, new byte[0], new byte[0], true, false);

        refused(
                () -> exec.run(ID, List.of("/bin/x"), Optional.of(Duration.ofSeconds(2)), OutputShare.UNLIMITED),
                Failure.Kind.TIMEOUT,
                "within PT2S");
    }

    @Test
    void aCommandIsThereAndHasNoNul() throws IOException {
        running();

        refused(() -> exec.run(ID, List.of(), NO_LIMIT, OutputShare.UNLIMITED), Failure.Kind.INVALID, "empty");
        refused(
                () -> exec.run(ID, List.of("/bin/rm\0x"), NO_LIMIT, OutputShare.UNLIMITED),
                Failure.Kind.INVALID,
                "NUL");
        refused(
                () -> exec.run(ID, List.of("/bin/rm", "/tmp/x\0y"), NO_LIMIT, OutputShare.UNLIMITED),
                Failure.Kind.INVALID,
                "NUL");
        assertThat(runtime.executed).isEmpty();
    }

    @Test
    void itRunsOnlyInAContainerThatRuns() throws IOException {
        refused(
                () -> exec.run(ID, List.of("/bin/x"), NO_LIMIT, OutputShare.UNLIMITED),
                Failure.Kind.ABSENT,
                "no such container");
        make(new Created(), "SIGTERM", "sleep", "1000");
        refused(
                () -> exec.run(ID, List.of("/bin/x"), NO_LIMIT, OutputShare.UNLIMITED),
                Failure.Kind.WRONG_STATE,
                "does not run");
    }
}
