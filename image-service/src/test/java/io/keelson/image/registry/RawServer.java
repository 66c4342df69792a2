package io.keelson.image.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on loopback that answers every request with the same bytes, whatever they are, and closes the connection. */
public final class RawServer implements AutoCloseable {
    private static final int END_OF_HEAD = 0x0D0A0D0A;

    private final ServerSocket server;
    private final byte[] said;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    public RawServer(String said) throws IOException {
        this.said = said.getBytes(StandardCharsets.ISO_8859_1);
        server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        executor.execute(this::accept);
    }

    /** {@code 127.0.0.1:port}. */
    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                executor.execute(() -> answer(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void answer(Socket client) {
        try (client) {
            var last = 0;
            while (last != END_OF_HEAD) {
                var next = client.getInputStream().read();
                if (next < 0) {
                    return;
                }
                last = last << 8 | next;
            }
            client.getOutputStream().write(said);
        } catch (IOException e) {
            // The client has gone.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        executor.close();
    }
}
