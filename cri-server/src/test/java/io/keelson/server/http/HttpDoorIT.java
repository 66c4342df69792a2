package io.keelson.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpDoorIT {
    private static final Served PAGES = Served.of(Map.of("/one", () -> Page.text(200, "first"), "/bad", () -> {
        throw new IllegalStateException("secret");
    }));

    @TempDir
    Path directory;

    @Test
    void answersOnAPort() throws Exception {
        try (var door = HttpDoor.start(ListenAddress.parse("k", "127.0.0.1:0"), PAGES)) {
            assertThat(get(door, "/one?x=y").body()).isEqualTo("first\n");
            assertThat(get(door, "/none").statusCode()).isEqualTo(404);
            assertThat(get(door, "/none").body()).contains("/bad /one");
            assertThat(get(door, "/bad").statusCode()).isEqualTo(500);
            assertThat(get(door, "/bad").body()).doesNotContain("secret");
            assertThat(send(door, HttpRequest.newBuilder().POST(BodyPublishers.ofString("x")), "/one")
                            .statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void answersOnASocketForRootAndItsGroup() throws Exception {
        var socket = directory.resolve("m.sock");
        try (var _ = HttpDoor.start(new ListenAddress.Unix(socket), PAGES)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
            assertThat(overSocket(socket, "GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("first\n");
            assertThat(overSocket(socket, "no such thing\r\n\r\n")).doesNotContain("first");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (var door = HttpDoor.start(ListenAddress.parse("k", "127.0.0.1:0"), PAGES)) {
            var taken = "127.0.0.1:" + ((InetSocketAddress) door.localAddress()).getPort();
            assertThatThrownBy(() -> HttpDoor.start(ListenAddress.parse("k", taken), PAGES))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("cannot listen on")
                    .hasMessageContaining(taken);
        }
    }

    private static HttpResponse<String> get(HttpDoor door, String path) throws IOException, InterruptedException {
        return send(door, HttpRequest.newBuilder(), path);
    }

    private static HttpResponse<String> send(HttpDoor door, HttpRequest.Builder request, String path)
            throws IOException, InterruptedException {
        var port = ((InetSocketAddress) door.localAddress()).getPort();
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    request.uri(URI.create("http://127.0.0.1:" + port + path)).build(), BodyHandlers.ofString());
        }
    }

    private static String overSocket(Path socket, String request) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
