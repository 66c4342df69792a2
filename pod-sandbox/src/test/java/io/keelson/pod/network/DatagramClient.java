package io.keelson.pod.network;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** Asks over UDP, always from the same port. */
final class DatagramClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 500;
    private static final int ATTEMPTS = 4;

    private final DatagramSocket socket;
    private final InetSocketAddress server;

    DatagramClient(TestNamespace namespace, String address, int port) {
        server = new InetSocketAddress(InetAddress.ofLiteral(address), port);
        socket = namespace.call(DatagramSocket::new);
    }

    String ask() throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        for (var attempt = 1; ; attempt++) {
            socket.send(new DatagramPacket(new byte[] {'?'}, 1, server));
            var answer = new DatagramPacket(new byte[100], 100);
            try {
                socket.receive(answer);
                return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
