package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client of a stream's URL that says what it likes, byte by byte, and leaves as it likes. */
final class RawStream implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String WEBSOCKET = "websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: v4.channel.k8s.io";
    private static final String SPDY = "SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io";
    private static final int FINAL_BINARY = 0x82;
    private static final int MASKED = 0x80;
    private static final int OPCODE = 0x0F;
    private static final int CLOSE = 8;
    private static final int LENGTH_IN_16_BITS = 126;

    private final Socket socket;
    private final int status;

    private RawStream(String url, String upgrade) throws IOException {
        var target = URI.create(url);
        socket = new Socket(target.getHost(), target.getPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        send(("GET " + target.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: " + upgrade
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        status = head();
    }

    static RawStream webSocket(String url) throws IOException {
        return new RawStream(url, WEBSOCKET);
    }

    static RawStream spdy(String url) throws IOException {
        return new RawStream(url, SPDY);
    }

    /** Reads the answer's head; its status. */
    private int head() throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            var octet = socket.getInputStream().read();
            assertThat(octet).as("the end of the answer \"%s\"", text).isNotNegative();
            text.append((char) octet);
        }
        return Integer.parseInt(text.substring(9, 12));
    }

    int status() {
        return status;
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A message for a channel of a WebSocket: at most some hundred bytes. */
    void say(int channel, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        send(ByteBuffer.allocate(7 + bytes.length)
                .put((byte) FINAL_BINARY)
                .put((byte) (MASKED | (1 + bytes.length)))
                .putInt(0)
                .put((byte) channel)
                .put(bytes)
                .array());
    }

    void halfClose() throws IOException {
        socket.shutdownOutput();
    }

    /** Reads the server's messages until it says that it is done; what is in them is thrown away. */
    void awaitGoodbye() throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        while ((in.readUnsignedByte() & OPCODE) != CLOSE) {
            var length = in.readUnsignedByte();
            in.skipNBytes(length == LENGTH_IN_16_BITS ? in.readUnsignedShort() : length);
        }
    }

    /** Reads until the server ends the connection; an end by force is one. */
    void awaitEnd() {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
            // Reset: what it was sent last was not read.
        } catch (IOException e) {
            throw new AssertionError("the server has not ended the connection", e);
        }
    }

    /** Ends the connection by a reset, with whatever is under way. */
    void breakOff() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
