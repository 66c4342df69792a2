package io.keelson.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.pod.stream.StreamSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server with every protocol that clients speak, and nothing behind it but a process that is played here. */
@Tag("trap-15")
class StreamServerTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final int NORMAL_CLOSURE = 1000;

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private StreamServer server = server(LONG, LONG);

    private static StreamServer server(Duration idle, Duration creation) {
        return new StreamServer(new StreamServer.Settings("127.0.0.1", 0, idle, creation, Optional.empty()));
    }

    /** Its clients shall not wait. */
    private void restart(Duration idle, Duration creation) {
        server.close();
        server = server(idle, creation);
    }

    @AfterEach
    void end() {
        server.close();
    }

    /** Answers a line on both streams, and says at the end of input, which is the end of output, what it was. */
    private int process(StreamSession session) {
        session.onResize(size -> seen.add(size.columns() + "x" + size.rows()));
        var here = Thread.currentThread();
        session.onGone(() -> {
            seen.add("gone");
            here.interrupt();
        });
        try (var in =
                new BufferedReader(new InputStreamReader(session.stdin().orElseThrow(), StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                say(session, "out " + line, "err " + line);
                if (line.equals("end")) {
                    return 7;
                }
            }
            say(session, "end of input", "");
            return 0;
        } catch (IOException e) {
            throw new Failure(Failure.Kind.CANCELLED, "nobody is there any more", e);
        }
    }

    private static void say(StreamSession session, String out, String err) throws IOException {
        session.stdout().orElseThrow().write((out + "\n").getBytes(StandardCharsets.UTF_8));
        if (session.stderr().isPresent() && !err.isEmpty()) {
            session.stderr().get().write((err + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private URI exec(boolean terminal) {
        return server.offer(new Offer.Talk("exec", true, true, !terminal, terminal, this::process));
    }

    private String awaitSeen() throws InterruptedException {
        return String.valueOf(seen.poll(10, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @CsvSource({
        "v5.channel.k8s.io,true",
        "v4.channel.k8s.io,true",
        "v4.base64.channel.k8s.io,true",
        "v3.channel.k8s.io,false",
        "v2.channel.k8s.io,false",
        "channel.k8s.io,false",
        "base64.channel.k8s.io,false",
        "'',false"
    })
    void speaksEveryVersionOverWebSocket(String version, boolean hasStatus) throws Exception {
        try (var client = WebSocketClient.connect(exec(false), version)) {
            assertThat(client.subprotocol()).isEqualTo(version);
            client.send(STDIN, "words\nend\n");

            assertThat(client.awaitEnd()).isEqualTo(NORMAL_CLOSURE);
            assertThat(client.received(STDOUT)).isEqualTo("out words\nout end\n");
            assertThat(client.received(STDERR)).isEqualTo("err words\nerr end\n");
            assertEndIsTold(client.received(ERROR), hasStatus);
        }
    }

    private static void assertEndIsTold(String words, boolean hasStatus) {
        if (hasStatus) {
            assertThat(words).contains("\"NonZeroExitCode\"", "\"ExitCode\"", "\"message\":\"7\"");
        } else {
            assertThat(words).isEqualTo("command terminated with exit code 7");
        }
    }

    @Test
    void endsInputAloneOverTheFifthVersion() throws Exception {
        try (var client = WebSocketClient.connect(exec(false), "v5.channel.k8s.io")) {
            client.send(STDIN, "words\n");
            client.await(STDOUT, "out words\n");
            client.sendEnd(STDIN);

            client.awaitEnd();
            assertThat(client.received(STDOUT)).isEqualTo("out words\nend of input\n");
            assertThat(client.received(ERROR)).contains("\"Success\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", "v4.base64.channel.k8s.io"})
    void resizesOverWebSocket(String version) throws Exception {
        try (var client = WebSocketClient.connect(exec(true), version)) {
            client.send(RESIZE, "{\"Width\":81,\"Height\":25}");
            assertThat(awaitSeen()).isEqualTo("81x25");
            client.send(RESIZE, "{\"Width\":132,\"Height\":43}{\"Width\":1,");
            client.send(RESIZE, "\"Height\":2}");
            assertThat(awaitSeen()).isEqualTo("132x43");
            assertThat(awaitSeen()).isEqualTo("1x2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "v4.channel.k8s.io,v4.channel.k8s.io,true",
        "v3.channel.k8s.io,v3.channel.k8s.io,false",
        "v2.channel.k8s.io,v2.channel.k8s.io,false",
        "channel.k8s.io,channel.k8s.io,false",
        "'',channel.k8s.io,false",
        "'v9.channel.k8s.io, v3.channel.k8s.io',v3.channel.k8s.io,false"
    })
    void speaksEveryVersionOverSpdy(String offered, String spoken, boolean hasStatus) throws Exception {
        try (var client = spdy(exec(false), offered)) {
            assertThat(client.answer()).contains("101 ").containsIgnoringCase("x-stream-protocol-version: " + spoken);
            var stdout = client.open("streamtype", "stdout");
            var error = client.open("streamtype", "error");
            var stderr = client.open("streamtype", "stderr");
            var stdin = client.open("streamtype", "stdin");
            client.send(stdin, "words\nend\n", false);

            assertThat(client.stream(stdout).whole()).isEqualTo("out words\nout end\n");
            assertThat(client.stream(stderr).whole()).isEqualTo("err words\nerr end\n");
            assertEndIsTold(client.stream(error).whole(), hasStatus);
        }
    }

    private static SpdyClient spdy(URI url, String version) throws Exception {
        return version.isEmpty() ? new SpdyClient(url) : new SpdyClient(url, "X-Stream-Protocol-Version: " + version);
    }

    @Test
    void endsInputAloneOverSpdyAndTellsTheExitCodeLast() throws Exception {
        try (var client = spdy(exec(false), "v4.channel.k8s.io")) {
            var error = client.open("streamtype", "error");
            var stdin = client.open("streamtype", "stdin");
            var stdout = client.open("streamtype", "stdout");
            client.open("streamtype", "stderr");
            client.send(stdin, "words\n", true);

            assertThat(client.stream(error).whole()).contains("\"Success\"");
            assertThat(client.stream(stdout).hasEnded()).isTrue();
            assertThat(client.stream(stdout).whole()).isEqualTo("out words\nend of input\n");
        }
    }

    @Test
    void resizesOverSpdy() throws Exception {
        try (var client = spdy(exec(true), "v4.channel.k8s.io")) {
            var resize = client.open("streamtype", "resize");
            client.send(resize, "{\"Width\":81,\"Height\":25}\n", false);
            client.open("streamtype", "error");
            client.open("streamtype", "stdin");
            client.open("streamtype", "stdout");
            assertThat(awaitSeen()).isEqualTo("81x25");
            client.send(resize, "{\"Width\":99999999,\"Height\":-1}\n", true);
            assertThat(awaitSeen()).isEqualTo("65535x0");
        }
    }

    /** Whoever reads the sizes of a terminal ends with the command that never began (CVE-2022-23471), though its client stays. */
    @Test
    @Tag("T50")
    void leavesNobodyWhoReadsSizesForACommandThatDoesNotBegin() throws Exception {
        var isSent = new CompletableFuture<Boolean>();
        try (var client = WebSocketClient.connect(failing(isSent), "v5.channel.k8s.io")) {
            client.send(RESIZE, "{\"Width\":81,\"Height\":25}");
            isSent.complete(true);
            client.await(ERROR, "there is no such command");
            awaitNobody();
        }
        var isSentToo = new CompletableFuture<Boolean>();
        try (var client = spdy(failing(isSentToo), "v4.channel.k8s.io")) {
            var resize = client.open("streamtype", "resize");
            var error = client.open("streamtype", "error");
            client.open("streamtype", "stdin");
            client.open("streamtype", "stdout");
            client.send(resize, "{\"Width\":81,\"Height\":25}\n", false);
            isSentToo.complete(true);
            assertThat(client.stream(error).whole()).contains("there is no such command");
            awaitNobody();
        }
    }

    private void awaitNobody() {
        Awaitility.await("the last of them ends")
                .atMost(LONG)
                .untilAsserted(() -> assertThat(server.threadCount()).isZero());
    }

    /** Once the client has sent what it has to send: it could not after the end. */
    private URI failing(CompletableFuture<Boolean> isSent) {
        return server.offer(new Offer.Talk("exec", true, true, false, true, _ -> {
            isSent.join();
            throw Failure.invalid("there is no such command");
        }));
    }

    @Test
    void refusesAStreamThatWasNotAskedFor() throws Exception {
        try (var client = spdy(exec(false), "v4.channel.k8s.io")) {
            client.stream(client.open("streamtype", "nonsense")).awaitReset();
            client.open("streamtype", "error");
            client.stream(client.open("streamtype", "error")).awaitReset();
        }
    }

    @Test
    void tellsTheProcessWhenItsClientIsGone() throws Exception {
        try (var client = WebSocketClient.connect(exec(false), "v5.channel.k8s.io")) {
            client.send(STDIN, "words\n");
            client.await(STDOUT, "out words\n");
        }

        assertThat(awaitSeen()).isEqualTo("gone");
    }

    @Test
    void endsWhatIsSilentForTooLong() throws Exception {
        restart(SHORT, LONG);
        try (var client = WebSocketClient.connect(exec(false), "v4.channel.k8s.io")) {
            client.awaitEnd();

            assertThat(client.received(ERROR)).contains("streaming.idle_timeout");
            assertThat(awaitSeen()).isEqualTo("gone");
        }
    }

    @Test
    void waitsForStreamsNoLongerThanItShould() throws Exception {
        restart(LONG, SHORT);
        try (var client = spdy(exec(false), "v4.channel.k8s.io")) {
            client.open("streamtype", "error");

            client.awaitEnd();
        }
    }

    @Test
    void waitsForARequestNoLongerThanItShould() throws Exception {
        restart(LONG, SHORT);
        var url = exec(false);
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream().write("GET /exec/".getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().read()).isNegative();
        }
    }

    @Test
    @Tag("T55")
    void refusesWhatIsNotOfferedUsedOrForSomethingElse() throws Exception {
        var url = exec(false);
        assertThat(get(url, "")).isEqualTo(400);
        try (var client = WebSocketClient.connect(url, "v4.channel.k8s.io")) {
            assertThat(client.subprotocol()).isEqualTo("v4.channel.k8s.io");
        }
        assertThat(get(url, "websocket")).isEqualTo(404);

        var other = exec(false);
        var changed = URI.create(other.toString().replace("/exec/", "/portforward/"));
        assertThat(get(changed, "websocket")).isEqualTo(404);
        assertThat(get(URI.create(other + "x"), "websocket")).isEqualTo(404);
        assertThat(get(URI.create(other + "/.."), "websocket")).isEqualTo(404);
        assertThat(get(other.resolve("/"), "websocket")).isEqualTo(404);
    }

    /** The status of a request for an upgrade; java.net.http would not make such a one. */
    private static int get(URI url, String upgrade) throws IOException {
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream()
                    .write(("GET " + url.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
                                    + upgrade
                                    + "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var head = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return Integer.parseInt(head.substring(9));
        }
    }

    @Test
    void listensOnWhatItIsToldAndSaysSo() {
        var url = exec(false);

        assertThat(url.getScheme()).isEqualTo("http");
        assertThat(url.getHost()).isEqualTo("127.0.0.1");
        assertThatThrownBy(() -> {
                    try (var second = new StreamServer(
                            new StreamServer.Settings("127.0.0.1", url.getPort(), LONG, LONG, Optional.empty()))) {
                        second.offer(new Offer.Talk("exec", true, true, true, false, this::process));
                    }
                })
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
    }

    /** A pod in which one port echoes. */
    private SocketChannel dial(int port) {
        try {
            if (port == 7002) {
                return dialSpeaker();
            }
            if (port != 7000) {
                throw Failure.unavailable("cannot connect to port " + port + " in pod: Connection refused");
            }
            var listening = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual().start(() -> echo(listening));
            return SocketChannel.open(listening.getLocalAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It says something, ends that direction, and then listens. */
    private SocketChannel dialSpeaker() throws IOException {
        var listening = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(() -> {
            try (listening;
                    var socket = listening.accept().socket()) {
                socket.getOutputStream().write("first".getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                seen.add(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return SocketChannel.open(listening.getLocalAddress());
    }

    @Test
    void goesOnTheOneWayWhenThePodHasEndedTheOther() throws Exception {
        try (var client = spdy(server.offer(new Offer.Ports(List.of(), this::dial)), "portforward.k8s.io")) {
            client.open("streamtype", "error", "port", "7002", "requestid", "1");
            var data = client.open("streamtype", "data", "port", "7002", "requestid", "1");
            assertThat(client.stream(data).whole()).isEqualTo("first");
            client.send(data, "later", true);

            assertThat(awaitSeen()).isEqualTo("later");
        }
    }

    private static void echo(ServerSocketChannel listening) {
        try (listening;
                var socket = listening.accept().socket()) {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.getOutputStream().write("end of input".getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"portforward.k8s.io", ""})
    void forwardsOverSpdyWithTheStreamsOfAPairInAnyOrder(String version) throws Exception {
        try (var client = spdy(server.offer(new Offer.Ports(List.of(), this::dial)), version)) {
            for (var isDataFirst : List.of(true, false)) {
                var first = client.open(
                        "streamtype", isDataFirst ? "data" : "error", "port", "7000", "requestid", "a" + isDataFirst);
                var second = client.open(
                        "streamtype", isDataFirst ? "error" : "data", "port", "7000", "requestid", "a" + isDataFirst);
                var data = isDataFirst ? first : second;
                client.send(data, "words, ", true);

                assertThat(client.stream(data).whole()).isEqualTo("words, end of input");
                assertThat(client.stream(isDataFirst ? second : first).whole()).isEmpty();
            }
        }
    }

    @Test
    void saysOnTheErrorStreamThatNobodyListensAndGoesOn() throws Exception {
        try (var client = spdy(server.offer(new Offer.Ports(List.of(), this::dial)), "portforward.k8s.io")) {
            var error = client.open("streamtype", "error", "port", "7001", "requestid", "1");
            client.open("streamtype", "data", "port", "7001", "requestid", "1");
            assertThat(client.stream(error).whole()).contains("port 7001", "Connection refused");

            client.open("streamtype", "error", "port", "7000", "requestid", "2");
            var data = client.open("streamtype", "data", "port", "7000", "requestid", "2");
            client.send(data, "still here, ", true);
            assertThat(client.stream(data).whole()).isEqualTo("still here, end of input");
        }
    }

    @Test
    void resetsAStreamWhoseOtherOneDoesNotComeAndOneForNoPort() throws Exception {
        restart(LONG, SHORT);
        try (var client = spdy(server.offer(new Offer.Ports(List.of(), this::dial)), "portforward.k8s.io")) {
            client.stream(client.open("streamtype", "error", "port", "7000", "requestid", "1"))
                    .awaitReset();
            client.stream(client.open("streamtype", "data", "port", "70000", "requestid", "2"))
                    .awaitReset();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4.channel.k8s.io", "v4.base64.channel.k8s.io", ""})
    void forwardsOverWebSocketWithTwoChannelsForAPort(String version) throws Exception {
        var url = server.offer(new Offer.Ports(List.of(7000, 7001), this::dial));
        try (var client = WebSocketClient.connect(url, version)) {
            client.send(0, "words");
            client.await(0, "words");
            client.await(3, "Connection refused");

            assertThat(client.received(0)).isEqualTo("X\u001bwords");
            assertThat(client.received(1)).isEqualTo("X\u001b");
            assertThat(client.received(2)).isEqualTo("Y\u001b");
            assertThat(client.received(3)).startsWith("Y\u001b");
        }
    }

    @Test
    void letsGoOfWhoComesWhenTooManyAreThere() throws Exception {
        var url = exec(false);
        var sockets = new Socket[StreamServer.MOST_CONNECTIONS];
        for (var i = 0; i < sockets.length; i++) {
            sockets[i] = new Socket(url.getHost(), url.getPort());
        }
        try (var oneMore = new Socket(url.getHost(), url.getPort())) {
            oneMore.setSoTimeout((int) LONG.toMillis());
            assertThat(oneMore.getInputStream().read()).isNegative();
            sockets[0].setSoTimeout((int) SHORT.toMillis());
            assertThatThrownBy(() -> sockets[0].getInputStream().read()).hasMessageContaining("timed out");
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }
}
