package io.keelson.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A proxy for HTTP, with CONNECT for TLS, whose only server is one on loopback, whatever it is asked for. Wants a password. */
final class TestProxy implements AutoCloseable {
    private static final String PASSWORD = "proxy-authorization: basic dxnlcjpwdw==";

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private final int target;

    /** @param target "127.0.0.1:port" */
    TestProxy(String target) throws IOException {
        this.target = Integer.parseInt(target.substring(target.indexOf(':') + 1));
        executor.execute(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                executor.execute(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    /** With the user's name and password. */
    String address() {
        return "http://user:pw@127.0.0.1:" + server.getLocalPort();
    }

    /** The first lines of what came with the password. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void serve(Socket client) {
        try (client;
                var upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
            var head = head(client);
            var line = head.substring(0, head.indexOf("\r\n"));
            if (!head.toLowerCase(Locale.ROOT).contains(PASSWORD)) {
                say(client, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=p\r\nContent-Length: 0\r\n\r\n");
                return;
            }
            asked.add(line);
            if (line.startsWith("CONNECT ")) {
                say(client, "HTTP/1.1 200 Connected\r\n\r\n");
            } else {
                say(upstream, head);
            }
            var back = executor.submit(() -> upstream.getInputStream().transferTo(client.getOutputStream()));
            client.getInputStream().transferTo(upstream.getOutputStream());
            back.cancel(true);
        } catch (IOException e) {
            // One of the two has gone.
        }
    }

    private static String head(Socket client) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            var next = client.getInputStream().read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        server.close();
        executor.shutdownNow();
    }
}
