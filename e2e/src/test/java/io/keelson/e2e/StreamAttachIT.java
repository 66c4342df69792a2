package io.keelson.e2e;

import static io.keelson.e2e.StreamScene.NO_STDIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.ContainerState;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody attached to a container's own process, by Kubernetes' own client libraries (CRI v1, Attach). */
@Tag("trap-15")
class StreamAttachIT {
    /** Answers each line on both streams, and tells the end of its input. */
    private static final String ANSWERS =
            "while read line; do echo out $line; echo err $line >&2; done; echo end; exec sleep 100000";

    private final Node node = LifeScene.node();

    private StreamScene scene;

    @BeforeEach
    void makePod() throws Exception {
        scene = StreamScene.in(node);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        scene.end();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTypedIsReadAndTheStreamsComeApart(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell(ANSWERS).setStdin(true));

        try (var client = scene.attach(protocol, container, Redirect.PIPE)) {
            client.type("one\n");
            assertThat(client.awaitStdout("out one\n")).isEqualTo("out one\n");
            assertThat(client.awaitStderr("err one\n")).isEqualTo("err one\n");
            client.type("two\n");
            assertThat(client.awaitStdout("out two\n")).isEqualTo("out one\nout two\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputStaysOpenForTheNextWhoAttaches(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell(ANSWERS).setStdin(true));

        try (var first = scene.attach(protocol, container, Redirect.PIPE)) {
            first.type("one\n");
            first.stdin().close();
            first.awaitStdout("out one\n");
        }
        try (var second = scene.attach(protocol, container, Redirect.PIPE)) {
            second.type("two\n");
            assertThat(second.awaitStdout("out two\n")).isEqualTo("out two\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void withStdinOnceTheEndOfTheFirstInputIsTheEnd(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell("while read line; do echo out $line; done; echo end; exit 3")
                .setStdin(true)
                .setStdinOnce(true));

        try (var client = scene.attach(protocol, container, Redirect.PIPE)) {
            client.type("one\n");
            client.awaitStdout("out one\n");
            client.stdin().close();
            var answer = client.await();

            assertThat(answer.stdout()).isEqualTo("out one\nend\n");
            assertThat(answer.exitCode()).as(answer.stderr()).isZero();
        }
        awaitEnd(container, 3);
    }

    @ParameterizedTest
    @EnumSource
    void withStdinOnceAClientThatIsKilledIsTheEnd(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell("while read line; do echo out $line; done; exit 4")
                .setStdin(true)
                .setStdinOnce(true));

        try (var client = scene.attach(protocol, container, Redirect.PIPE)) {
            client.type("one\n");
            client.awaitStdout("out one\n");
        }

        awaitEnd(container, 4);
    }

    @ParameterizedTest
    @EnumSource
    void severalSeeTheSame(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell(ANSWERS).setStdin(true));

        try (var first = scene.attach(protocol, container, NO_STDIN);
                var second = scene.attach(protocol, container, NO_STDIN);
                var third = scene.attach(protocol, container, Redirect.PIPE)) {
            // Who attaches does not hear what was said before: one is attached when it hears something.
            third.type("begin\n");
            for (var client : List.of(first, second, third)) {
                awaitHeard(third, client);
            }
            third.type("last\n");

            for (var client : List.of(first, second, third)) {
                client.awaitStdout("out last\n");
                client.awaitStderr("err last\n");
            }
        }
    }

    private static void awaitHeard(StreamClient typist, StreamClient listener) {
        Awaitility.await().untilAsserted(() -> {
            typist.type("again\n");
            listener.awaitStdout("out again\n", Duration.ofMillis(500));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aTerminalEchoesAndFollowsTheClientsSize(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell("""
                        until [ "$(stty size 2>/dev/null)" = "25 81" ]; do sleep 0.05; done
                        echo next size
                        until [ "$(stty size 2>/dev/null)" = "43 132" ]; do sleep 0.05; done
                        read line; echo got $line; exit 5
                        """).setStdin(true).setTty(true));
        var url = scene.attachUrl(AttachRequest.newBuilder()
                .setContainerId(container)
                .setTty(true)
                .setStdin(true)
                .setStdout(true));

        try (var client = scene.client("talk", protocol, "-tty", "-stdin", "-sizes=81x25,132x43", url)) {
            client.awaitStdout("next size\r\n");
            client.type("words\n");
            var answer = client.await();

            assertThat(answer.stdout()).isEqualTo("next size\r\nwords\r\ngot words\r\n");
        }
        awaitEnd(container, 5);
    }

    @ParameterizedTest
    @EnumSource
    void manyWhoComeAndGoLeaveTheContainerAsItIs(StreamProtocol protocol) throws Exception {
        var container = scene.start(StreamScene.shell(ANSWERS).setStdin(true));

        Together.all(10, number -> {
            try (var client = scene.attach(protocol, container, number % 2 == 0 ? Redirect.PIPE : NO_STDIN)) {
                if (number % 2 == 0) {
                    client.type("number " + number + "\n");
                    client.awaitStdout("out number " + number + "\n");
                }
                return number;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });

        try (var client = scene.attach(protocol, container, Redirect.PIPE)) {
            client.type("last\n");
            client.awaitStdout("out last\n");
        }
    }

    @Test
    void whatDoesNotRunIsRefusedBeforeThereIsAUrl() throws Exception {
        var container = scene.start(StreamScene.shell("exit 0"));
        awaitEnd(container, 0);

        assertRefused(container, Code.FAILED_PRECONDITION);
        assertRefused("0".repeat(64), Code.NOT_FOUND);
    }

    private void assertRefused(String container, Code code) {
        var request = AttachRequest.newBuilder().setContainerId(container).setStdout(true);
        assertThatThrownBy(() -> scene.attachUrl(request))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private static void awaitEnd(String container, int exitCode) {
        Awaitility.await().untilAsserted(() -> {
            var status = Requests.status(LifeScene.cri(), container);
            assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(status.getExitCode()).isEqualTo(exitCode);
        });
    }
}
