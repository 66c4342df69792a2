package io.keelson.e2e;

import static io.keelson.e2e.StreamScene.NO_STDIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ExecRequest;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in a container with somebody at the other end, by Kubernetes' own client libraries (CRI v1, Exec). */
@Tag("trap-15")
class StreamExecIT {
    private static final int MANY_BYTES = 10 << 20;
    private static final int CLIENTS = 20;
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    static Path directory;

    private final Node node = LifeScene.node();

    private StreamScene scene;
    private String container;

    @BeforeEach
    void startContainer() throws Exception {
        scene = StreamScene.in(node);
        container = scene.start(StreamScene.container(StreamScene.IDLE));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        scene.end();
    }

    @ParameterizedTest
    @EnumSource
    void stdoutStderrAndTheExitCodeComeApart(StreamProtocol protocol) throws Exception {
        try (var client =
                scene.exec(protocol, container, NO_STDIN, "sh", "-c", "echo to stdout; echo to stderr >&2; exit 7")) {
            var answer = client.await();

            assertThat(answer.exitCode()).isEqualTo(7);
            assertThat(answer.stdout()).isEqualTo("to stdout\n");
            assertThat(answer.stderr()).isEqualTo("to stderr\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void tenMegabytesGoThroughTheCommandAndTheirEndEndsIt(StreamProtocol protocol) throws Exception {
        var bytes = new byte[MANY_BYTES];
        new Random(1).nextBytes(bytes);
        var file = Files.write(directory.resolve("many"), bytes);

        try (var client = scene.exec(protocol, container, Redirect.from(file.toFile()), "cat")) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isZero();
            // Not isEqualTo, which would print them.
            assertThat(Arrays.equals(answer.bytes(), bytes))
                    .as("%d bytes came back as they were", answer.bytes().length)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theExitCodeComesAfterAllOutput(StreamProtocol protocol) throws Exception {
        try (var client =
                scene.exec(protocol, container, NO_STDIN, "sh", "-c", "head -c " + MANY_BYTES + " /dev/zero; exit 3")) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isEqualTo(3);
            assertThat(answer.bytes()).hasSize(MANY_BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCommandWithoutStdinReadsItsEnd(StreamProtocol protocol) throws Exception {
        try (var client = scene.exec(protocol, container, NO_STDIN, "cat")) {
            assertThat(client.await().exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"SPDY,crun", "SPDY,runc", "WEBSOCKET,crun"})
    void aTerminalHasTheClientsSizeAndFollowsIt(StreamProtocol protocol, String handler) throws Exception {
        restartBy(handler);
        try (var client = scene.execOnTerminal(protocol, container, "81x25,132x43", "sh", "-c", """
                until [ "$(stty size 2>/dev/null)" = "25 81" ]; do sleep 0.05; done
                echo next size
                until [ "$(stty size 2>/dev/null)" = "43 132" ]; do sleep 0.05; done
                tty; echo $TERM; echo to stderr >&2; exit 4
                """)) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isEqualTo(4);
            assertThat(answer.stdout()).matches("next size\r\n/dev/(pts/\\d+|console)\r\nxterm\r\nto stderr\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"SPDY,crun", "SPDY,runc", "WEBSOCKET,crun"})
    void aShellOnATerminalEchoesObeysAndIsInterruptedByKeys(StreamProtocol protocol, String handler) throws Exception {
        restartBy(handler);
        try (var client = scene.execOnTerminal(protocol, container, "80x24", "sh")) {
            client.type("echo $((6 * 7))\n");
            client.awaitShown("# echo $((6 * 7))\r\n42\r\n");
            client.type("trap 'echo caught' INT; sleep 98765\n");
            awaitCommands("sleep 9876[5]", true);
            client.type("\u0003");
            awaitCommands("sleep 9876[5]", false);
            client.type("exit 5\n");

            assertThat(client.await().exitCode()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatIsKilledTakesItsWholeCommandWithItAndLeavesTheContainer(StreamProtocol protocol) throws Exception {
        try (var client = scene.exec(
                protocol,
                container,
                Redirect.PIPE,
                "sh",
                "-c",
                "setsid sleep 98765 </dev/null >/dev/null 2>&1 & echo begun; sleep 98765")) {
            client.awaitStdout("begun");
            awaitCommands("sleep 9876[5]", true);
        }

        awaitCommands("sleep 9876[5]", false);
        assertThat(scene.ask(container, "echo", "still here")).isEqualTo("still here\n");
    }

    @ParameterizedTest
    @CsvSource({"SPDY,crun", "SPDY,runc", "WEBSOCKET,crun"})
    void aClientThatIsKilledTakesTheCommandOnItsTerminalWithIt(StreamProtocol protocol, String handler)
            throws Exception {
        restartBy(handler);
        try (var client = scene.execOnTerminal(
                protocol, container, "80x24", "sh", "-c", "trap '' HUP; echo begun; sleep 98765; sleep 98765")) {
            client.awaitStdout("begun");
            awaitCommands("sleep 9876[5]", true);
        }

        awaitCommands("sleep 9876[5]", false);
        assertThat(scene.ask(container, "echo", "still here")).isEqualTo("still here\n");
    }

    /** While nobody reads, the command waits: nothing piles up, and everything comes in the end. */
    @ParameterizedTest
    @EnumSource
    void aClientThatIsKilledWhileTheCommandFloodsItEndsTheCommand(StreamProtocol protocol) throws Exception {
        try (var client = scene.exec(protocol, container, NO_STDIN, "sh", "-c", "exec yes flood98765")) {
            client.awaitStdout("flood98765");
        }

        awaitCommands("flood9876[5]", false);
    }

    @ParameterizedTest
    @CsvSource({"SPDY,crun", "SPDY,runc", "WEBSOCKET,crun"})
    void whatTheCommandLeavesBehindDoesNotHoldUpTheAnswer(StreamProtocol protocol, String handler) throws Exception {
        restartBy(handler);
        var begin = System.nanoTime();
        try (var client = scene.exec(protocol, container, NO_STDIN, "sh", "-c", "sleep 98765 & echo left it; exit 6")) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isEqualTo(6);
            assertThat(answer.stdout()).isEqualTo("left it\n");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);
        }
        // runc would go on with it.
        awaitCommands("sleep 9876[5]", handler.equals("crun"));
    }

    @ParameterizedTest
    @EnumSource
    void twentyAtOnceEachGetTheirOwn(StreamProtocol protocol) throws Exception {
        var answers = Together.all(CLIENTS, number -> {
            try (var client = scene.exec(protocol, container, Redirect.PIPE, "sh", "-c", "cat; exit " + number)) {
                client.type("number " + number);
                client.stdin().close();
                return client.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });

        for (var number = 0; number < CLIENTS; number++) {
            assertThat(answers.get(number).stdout()).isEqualTo("number " + number);
            assertThat(answers.get(number).exitCode()).isEqualTo(number);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCommandThatIsNotThereIsSaidToBeSo(StreamProtocol protocol) throws Exception {
        try (var client = scene.exec(protocol, container, NO_STDIN, "/no/such/command")) {
            var answer = client.await();

            assertThat(answer.exitCode()).isNotZero();
            assertThat(answer.stderr()).contains("/no/such/command");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aCommandThatIsNotThereIsSaidToBeSoOnATerminal(String handler) throws Exception {
        restartBy(handler);
        try (var client = scene.execOnTerminal(StreamProtocol.SPDY, container, "80x24", "/no/such/command")) {
            var answer = client.await();

            assertThat(answer.exitCode()).isNotZero();
            assertThat(answer.stdout()).contains("/no/such/command");
        }
    }

    @Test
    void aUrlServesOnce() throws Exception {
        var url = scene.execUrl(ExecRequest.newBuilder()
                .setContainerId(container)
                .addCmd("true")
                .setStdout(true));
        try (var first = scene.client("talk", StreamProtocol.SPDY, "-no-stderr", url)) {
            assertThat(first.await().exitCode()).isZero();
        }

        try (var second = scene.client("talk", StreamProtocol.SPDY, "-no-stderr", url)) {
            assertThat(second.await().exitCode()).isEqualTo(250);
        }
    }

    @Test
    void whatCannotBeIsRefusedBeforeThereIsAUrl() {
        var request = ExecRequest.newBuilder().setContainerId(container).addCmd("true");

        assertRefused(request.clone(), Code.INVALID_ARGUMENT);
        assertRefused(request.clone().setTty(true).setStdout(true).setStderr(true), Code.INVALID_ARGUMENT);
        assertRefused(request.clone().clearCmd().setStdout(true), Code.INVALID_ARGUMENT);
        assertRefused(request.clone().setContainerId("0".repeat(64)).setStdout(true), Code.NOT_FOUND);
    }

    @Test
    void aContainerThatHasEndedIsRefusedBeforeThereIsAUrl() throws Exception {
        var ended = scene.start(StreamScene.shell("exit 0")
                .setMetadata(ContainerMetadata.newBuilder().setName("ended")));
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () -> assertThat(Requests.status(node.cri(), ended).getState())
                                .isEqualTo(ContainerState.CONTAINER_EXITED));

        assertRefused(
                ExecRequest.newBuilder().setContainerId(ended).addCmd("true").setStdout(true),
                Code.FAILED_PRECONDITION);
    }

    /** Most of this file is about crun, which is the default. */
    private void restartBy(String handler) throws Exception {
        if (!handler.equals("crun")) {
            scene.end();
            scene = StreamScene.by(handler, node);
            container = scene.start(StreamScene.container(StreamScene.IDLE));
        }
    }

    private void assertRefused(ExecRequest.Builder request, Code code) {
        assertThatThrownBy(() -> scene.execUrl(request))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private void awaitCommands(String pattern, boolean present) {
        Awaitility.await(pattern)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(scene.ask(container, "pgrep", "-f", pattern))
                        .matches(found -> found.isEmpty() != present, present ? "something" : "nothing"));
    }
}
