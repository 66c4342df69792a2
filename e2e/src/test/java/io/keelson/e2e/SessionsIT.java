package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sessions while the daemon is killed: each ends with an error, and the same works with the next daemon. The container does not
 * notice, who follows its log neither, and nothing of a session stays in it.
 */
@Tag("sessions")
class SessionsIT {
    private static final int PORT = 7100;
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> \\d+");

    /** Answers whoever types, echoes on a port, and counts. */
    private static final String SCRIPT = """
            tcpsvd -c 50 -b 50 127.0.0.1 %d cat &
            (i=0; while :; do echo "count $i"; i=$((i + 1)); sleep 0.2; done) &
            while read -r line; do echo "heard $line"; done
            """.formatted(PORT);

    /** Kubernetes' library takes the end of a SPDY connection for the end of the command, as kubectl did before it spoke WebSocket. */
    private static final List<String> UNAWARE = List.of("exec by SPDY", "attach by SPDY");

    private final Node node = LifeScene.node();

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void eachEndsWithAnErrorCanBeRepeatedAndItsContainerGoesOn(String handler) throws Exception {
        var scene = StreamScene.by(handler, node);
        var container = scene.start(StreamScene.shell(SCRIPT).setStdin(true));
        var before = Requests.status(node.cri(), container);
        var pid = LifeScene.pid(container);
        var sessions = new LinkedHashMap<String, StreamClient>();
        var followers = new ArrayList<StreamClient>();
        try {
            for (var protocol : StreamProtocol.values()) {
                sessions.put("exec by " + protocol, exec(scene, protocol, container));
                sessions.put("attach by " + protocol, attach(scene, protocol, container));
                sessions.put("forward by " + protocol, forward(scene, protocol));
            }
            var follower = follow(container);
            followers.add(follower);

            // What a command has left behind in the background is none of its session's.
            scene.ask(container, "sh", "-c", "sleep 8888 < /dev/null > /dev/null 2>&1 &");

            node.kill();
            assertThat(endedAsIfAllWereWell(sessions)).isSubsetOf(UNAWARE);
            node.restart();
            followsOn(follower);

            var after = Requests.status(node.cri(), container);
            assertThat(after).isEqualTo(before);
            assertThat(LifeScene.pid(container)).isEqualTo(pid);
            Awaitility.await("nothing of the sessions is in the container")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> !processes(scene, container).contains("9999"));
            assertThat(processes(scene, container)).contains("8888");
            assertRepeated(scene, container);
        } finally {
            sessions.values().forEach(StreamClient::close);
            followers.forEach(StreamClient::close);
        }
        scene.end();
    }

    private static String processes(StreamScene scene, String container) {
        return scene.ask(container, "ps", "-o", "args");
    }

    /** Waits for the end of all. */
    private static List<String> endedAsIfAllWereWell(Map<String, StreamClient> sessions) throws Exception {
        var well = new ArrayList<String>();
        for (var session : sessions.entrySet()) {
            var answer = session.getValue().await();
            assertThat(answer.stdout()).as(session.getKey()).doesNotContain("never");
            if (answer.exitCode() == 0 || answer.stderr().isBlank()) {
                well.add(session.getKey());
            }
        }
        return well;
    }

    private static void assertRepeated(StreamScene scene, String container) throws Exception {
        for (var protocol : StreamProtocol.values()) {
            exec(scene, protocol, container).close();
            attach(scene, protocol, container).close();
            forward(scene, protocol).close();
        }
        follow(container).close();
    }

    /** A command of which there is output already. */
    private static StreamClient exec(StreamScene scene, StreamProtocol protocol, String container) throws IOException {
        var client =
                scene.exec(protocol, container, StreamScene.NO_STDIN, "sh", "-c", "echo begun; sleep 9999; echo never");
        client.awaitStdout("begun");
        return client;
    }

    private static StreamClient attach(StreamScene scene, StreamProtocol protocol, String container)
            throws IOException {
        var client = scene.attach(protocol, container, Redirect.PIPE);
        client.type("word-" + protocol + "\n");
        client.awaitStdout("heard word-" + protocol);
        return client;
    }

    private static StreamClient forward(StreamScene scene, StreamProtocol protocol) throws IOException {
        var client = scene.client("forward", protocol, Integer.toString(PORT), scene.forwardUrl());
        var said = FORWARDING.matcher(client.awaitStdout("Forwarding from 127.0.0.1"));
        assertThat(said.find()).isTrue();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(said.group(1)))) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(4))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("ping");
        }
        return client;
    }

    /** Whoever follows a log reads the file, to which the container goes on writing. */
    private static void followsOn(StreamClient follower) throws IOException {
        var seen = Files.size(follower.stdoutFile());
        Awaitility.await("more of the log")
                .atMost(LifeScene.PATIENCE)
                .until(() -> Files.size(follower.stdoutFile()) > seen);
    }

    private static StreamClient follow(String container) throws IOException {
        var node = LifeScene.node();
        var client = StreamClient.start(
                node.place().directory(), node.crictlCommand("logs", "--follow", container), Redirect.PIPE);
        client.awaitStdout("count");
        return client;
    }
}
