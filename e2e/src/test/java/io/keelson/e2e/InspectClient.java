package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Asks for pages as cAdvisor's client asks CRI-O: by one connection to a socket, {@code /info} first and {@code /containers/ID} for each
 * container after it. What cAdvisor itself makes of the answers is told by {@link Cadvisor}.
 */
final class InspectClient implements AutoCloseable {
    record Answer(int status, String body) {}

    private final SocketChannel channel;
    private final InputStream in;

    InspectClient(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = Channels.newInputStream(channel);
    }

    Answer get(String path) throws IOException {
        var request = "GET " + path + " HTTP/1.1\r\nHost: crio\r\nUser-Agent: Go-http-client/1.1\r\n\r\n";
        var bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        var head = head();
        var length = head.lines()
                .filter(line -> line.startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(
                        line.substring("content-length:".length()).strip()))
                .sum();
        var status = Integer.parseInt(head.split(" ", 3)[1]);
        return new Answer(status, new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    private String head() throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            var next = in.read();
            assertThat(next).as("the connection is kept").isNotNegative();
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
