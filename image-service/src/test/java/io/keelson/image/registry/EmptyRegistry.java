package io.keelson.image.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A registry that has nothing and tells what it is asked for. It ends connections that begin with a TLS greeting at once, as servers
 * without TLS do; the JDK's waits for the end of a line that never comes.
 */
final class EmptyRegistry implements AutoCloseable {
    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Consumer<String> paths;

    EmptyRegistry(Consumer<String> paths) throws IOException {
        this.paths = paths;
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    var socket = server.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException e) {
                // It was closed.
            }
        });
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void serve(Socket socket) {
        try (socket) {
            var input = socket.getInputStream();
            var first = input.read();
            if (first == TLS_HANDSHAKE) {
                socket.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            var reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1));
            var line = (char) first + reader.readLine();
            while (!reader.readLine().isEmpty()) {
                // Headers.
            }
            var path = line.split(" ", -1)[1];
            paths.accept(path);
            var status = path.equals("/v2/") ? "200 OK" : "404 Not Found";
            socket.getOutputStream()
                    .write(("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // Its client sees it too.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
