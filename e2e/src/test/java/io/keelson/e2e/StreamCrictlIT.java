package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** crictl's commands that talk with containers. */
@Tag("trap-15")
class StreamCrictlIT {
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 7000");

    @TempDir
    static Path directory;

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

    @Test
    @Covers("exec")
    void execTellsOutputErrorsAndExitCode() throws Exception {
        var container = scene.start(StreamScene.container(StreamScene.IDLE));

        var said = node.crictl("exec", container, "sh", "-c", "echo out; echo err >&2; exit 7");

        assertThat(said.stdout()).isEqualTo("out\n");
        assertThat(said.stderr()).startsWith("err\n").contains("exit code 7");
        assertThat(said.exitCode()).isNotZero();
    }

    @Test
    void execPassesStdinOn() throws Exception {
        var container = scene.start(StreamScene.container(StreamScene.IDLE));
        var words = Files.writeString(directory.resolve("words"), "three\nlittle\nwords\n");

        try (var client = StreamClient.start(
                directory, node.crictlCommand("exec", "-i", container, "wc", "-l"), Redirect.from(words.toFile()))) {
            assertThat(client.await().stdout().strip()).isEqualTo("3");
        }
    }

    @Test
    void execOnATerminalHasItsSizeAndFollowsIt() throws Exception {
        var container = scene.start(StreamScene.container(StreamScene.IDLE));

        try (var client = onTerminal(
                "stty rows 33 cols 77; tty >" + directory.resolve("terminal") + "; exec",
                node.crictlCommand("exec", "-i", "-t", container, "sh"))) {
            client.type("until [ \"$(stty size 2>/dev/null)\" = '33 77' ]; do sleep 0.05; done; echo fir''st\n");
            client.awaitStdout("first\r\n");
            resize(Files.readString(directory.resolve("terminal")).strip(), 44, 122);
            client.type("until [ \"$(stty size 2>/dev/null)\" = '44 122' ]; do sleep 0.05; done; echo sec''ond\n");
            client.awaitStdout("second\r\n");
            client.type("exit\n");

            assertThat(client.await().exitCode()).isZero();
        }
    }

    private static void resize(String terminal, int rows, int columns) throws Exception {
        assertThat(new ProcessBuilder(
                                "stty",
                                "-F",
                                terminal,
                                "rows",
                                Integer.toString(rows),
                                "cols",
                                Integer.toString(columns))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    @Covers("attach")
    void attachTalksWithTheContainersOwnProcess() throws Exception {
        var container = scene.start(StreamScene.shell("while read line; do echo got $line; done; echo end")
                .setStdin(true)
                .setStdinOnce(true));

        try (var client = StreamClient.start(directory, node.crictlCommand("attach", "-i", container), Redirect.PIPE)) {
            client.type("one\n");
            client.awaitStdout("got one\n");
            client.stdin().close();

            assertThat(client.await().stdout()).isEqualTo("got one\nend\n");
        }
    }

    @Test
    void attachOnATerminalTalksWithTheContainersShell() throws Exception {
        var container =
                scene.start(StreamScene.container(List.of("sh")).setStdin(true).setTty(true));

        try (var client = onTerminal("exec", node.crictlCommand("attach", "-i", "-t", container))) {
            client.type("echo $((6 * 7))\n");
            client.awaitStdout("42\r\n");
            client.type("exit\n");

            assertThat(client.await().exitCode()).isZero();
        }
    }

    @Test
    @Covers("port-forward")
    void portForwardListensAndPassesOn() throws Exception {
        scene.start(StreamScene.shell("exec tcpsvd 127.0.0.1 7000 cat"));

        try (var client = StreamClient.start(
                directory, node.crictlCommand("port-forward", scene.podId(), ":7000"), Redirect.PIPE)) {
            var said = FORWARDING.matcher(client.awaitStdout("-> 7000"));
            assertThat(said.find()).isTrue();
            var port = Integer.parseInt(said.group(1));

            assertThat(echo(port, "first")).isEqualTo("first");
            assertThat(echo(port, "second")).isEqualTo("second");
        }
    }

    private static String echo(int port, String text) throws IOException {
        try (var socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** In a terminal that script(1) makes, after what the shell is told first. */
    private static StreamClient onTerminal(String first, List<String> command) throws IOException {
        return StreamClient.start(
                directory,
                List.of(
                        "script",
                        "--quiet",
                        "--return",
                        "--command",
                        first + " " + String.join(" ", command),
                        "/dev/null"),
                Redirect.PIPE);
    }
}
