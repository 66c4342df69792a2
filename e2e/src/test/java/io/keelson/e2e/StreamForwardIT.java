package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections to ports of a pod, by Kubernetes' own client libraries (CRI v1, PortForward). */
@Tag("trap-15")
class StreamForwardIT {
    private static final int ECHO = 7000;
    private static final int ECHO_IPV6 = 7001;
    /** Ends without reading what it was sent, so that the kernel resets the connection (RFC 1122, 4.2.2.13). */
    private static final int RUDE = 7002;

    private static final int NOBODY = 7999;
    private static final long MANY_BYTES = 100 << 20;
    private static final int CONNECTIONS = 10;
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> \\d+");

    private final Node node = LifeScene.node();

    private StreamScene scene;

    @BeforeEach
    void startServers() throws Exception {
        scene = StreamScene.in(node);
        var container = scene.start(StreamScene.shell("""
                tcpsvd -c 50 -b 50 ::1 %d cat &
                tcpsvd -c 50 -b 50 127.0.0.1 %d sleep 0.2 &
                exec tcpsvd -c 50 -b 50 127.0.0.1 %d cat
                """.formatted(ECHO_IPV6, RUDE, ECHO)));
        Awaitility.await("echo servers")
                .untilAsserted(() -> assertThat(scene.ask(container, "netstat", "-ltn"))
                        .contains(":" + ECHO, ":" + ECHO_IPV6, ":" + RUDE));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        scene.end();
    }

    @ParameterizedTest
    @EnumSource
    void severalConnectionsAtOnceEachHaveTheirOwnEcho(StreamProtocol protocol) throws Exception {
        try (var client = forward(protocol, ECHO)) {
            var port = localPort(client);

            var answers = Together.all(CONNECTIONS, number -> exchange(port, "number " + number));

            for (var number = 0; number < CONNECTIONS; number++) {
                assertThat(answers.get(number)).as(client.said()).isEqualTo("number " + number);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsUsedInTurnsWhileOthersComeAndGo(StreamProtocol protocol) throws Exception {
        try (var client = forward(protocol, ECHO);
                var lasting = connect(localPort(client))) {
            for (var turn = 0; turn < 3; turn++) {
                lasting.getOutputStream().write(turn);
                assertThat(lasting.getInputStream().read()).isEqualTo(turn);
                assertThat(exchange(localPort(client), "turn " + turn)).isEqualTo("turn " + turn);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHundredMegabytesComeBackAsTheyWere(StreamProtocol protocol) throws Exception {
        try (var client = forward(protocol, ECHO);
                var socket = connect(localPort(client))) {
            var sent = CompletableFuture.supplyAsync(() -> send(socket));
            var received = MessageDigest.getInstance("SHA-256");
            var count = socket.getInputStream()
                    .transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), received));

            assertThat(count).isEqualTo(MANY_BYTES);
            assertThat(HexFormat.of().formatHex(received.digest())).isEqualTo(sent.get());
        }
    }

    /** Sends them and ends its direction; their digest. */
    private static String send(Socket socket) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var random = new Random(1);
            var piece = new byte[1 << 16];
            for (var done = 0L; done < MANY_BYTES; done += piece.length) {
                random.nextBytes(piece);
                digest.update(piece);
                socket.getOutputStream().write(piece);
            }
            socket.shutdownOutput();
            return HexFormat.of().formatHex(digest.digest());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerOnIpv6AloneIsReached(StreamProtocol protocol) throws Exception {
        try (var client = forward(protocol, ECHO_IPV6)) {
            assertThat(exchange(localPort(client), "by IPv6")).isEqualTo("by IPv6");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPortWithoutAListenerIsSaidToBeSoAndTheSessionGoesOn(StreamProtocol protocol) throws Exception {
        try (var client = scene.client(
                "refused", protocol, Integer.toString(NOBODY), Integer.toString(ECHO), scene.forwardUrl())) {
            var answer = client.await();

            assertThat(answer.exitCode()).as(answer.stderr()).isZero();
            assertThat(answer.stdout())
                    .containsPattern("refused: .*port " + NOBODY + ".*[Cc]onnection refused")
                    .endsWith("echoed\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatResetsItsConnectionEndsThatOneAlone(StreamProtocol protocol) throws Exception {
        try (var client =
                scene.client("forward", protocol, Integer.toString(RUDE), Integer.toString(ECHO), scene.forwardUrl())) {
            var ports = localPorts(client, 2);

            assertThat(exchange(ports.getFirst(), "nobody reads this")).isEmpty();
            assertThat(exchange(ports.getLast(), "still here"))
                    .as(client.said())
                    .isEqualTo("still here");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPodInTheHostsNetworkIsReachedThere(StreamProtocol protocol) throws Exception {
        var pod = Requests.pod(node.place(), "host");
        pod.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        var onHost = StreamScene.in(node, pod.build(), "");
        try (var server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
                var client = onHost.client(
                        "forward", protocol, Integer.toString(server.getLocalPort()), onHost.forwardUrl());
                var near = connect(localPort(client));
                var far = server.accept()) {
            near.getOutputStream().write('x');

            assertThat(far.getInputStream().read()).isEqualTo('x');
        } finally {
            onHost.end();
        }
    }

    @Test
    void whatCannotBeIsRefusedBeforeThereIsAUrl() throws Exception {
        assertRefused(scene.podId(), 70_000, Code.INVALID_ARGUMENT);
        assertRefused("0".repeat(64), ECHO, Code.NOT_FOUND);
        node.cri()
                .runtime(Requests.DEADLINE)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(scene.podId())
                        .build());
        assertRefused(scene.podId(), ECHO, Code.FAILED_PRECONDITION);
    }

    private static void assertRefused(String pod, int port, Code code) {
        assertThatThrownBy(() -> LifeScene.cri()
                        .runtime(Requests.DEADLINE)
                        .portForward(PortForwardRequest.newBuilder()
                                .setPodSandboxId(pod)
                                .addPort(port)
                                .build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private StreamClient forward(StreamProtocol protocol, int port) throws IOException {
        return scene.client("forward", protocol, Integer.toString(port), scene.forwardUrl());
    }

    private static int localPort(StreamClient client) {
        return localPorts(client, 1).getFirst();
    }

    private static List<Integer> localPorts(StreamClient client, int count) {
        return Awaitility.await("local ports")
                .until(
                        () -> FORWARDING
                                .matcher(client.awaitStdout("Forwarding from 127.0.0.1:"))
                                .results()
                                .map(result -> Integer.valueOf(result.group(1)))
                                .toList(),
                        ports -> ports.size() == count);
    }

    private static Socket connect(int port) throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /** Sends it, ends that direction, and reads until the other one ends. */
    private static String exchange(int port, String text) {
        try (var socket = connect(port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
