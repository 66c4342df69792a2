package io.keelson.pod.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;

/** Tells whoever connects, or sends a datagram, as whom it sees it: {@code a sees 10.77.0.1}. */
final class EchoServer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 2_000;

    private final String name;
    private final ServerSocket streams;
    private final DatagramChannel datagrams;

    // NIO keeps sockets that it makes together with the first one: made in a pod's namespace, they would keep that too.
    static {
        try {
            ServerSocketChannel.open().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    EchoServer(String name, TestNamespace namespace, String address, int port) {
        this.name = name;
        var at = new InetSocketAddress(InetAddress.ofLiteral(address), port);
        streams = namespace.call(() -> ServerSocketChannel.open().bind(at).socket());
        datagrams = namespace.call(() -> DatagramChannel.open().bind(at));
        Thread.ofPlatform().daemon().name("streams of " + name).start(this::serveStreams);
        Thread.ofPlatform().daemon().name("datagrams of " + name).start(this::serveDatagrams);
    }

    private void serveStreams() {
        while (true) {
            try (var connection = streams.accept()) {
                connection.getOutputStream().write(sees(connection.getInetAddress()));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serveDatagrams() {
        var buffer = ByteBuffer.allocate(100);
        while (true) {
            try {
                var from = (InetSocketAddress) datagrams.receive(buffer.clear());
                datagrams.send(ByteBuffer.wrap(sees(from.getAddress())), from);
            } catch (IOException e) {
                return;
            }
        }
    }

    private byte[] sees(InetAddress address) {
        var text = address.getHostAddress().replaceFirst("(:0)+:", "::").replaceFirst("%.*", "");
        return (name + " sees " + text).getBytes(StandardCharsets.UTF_8);
    }

    /** What a client in that namespace is told over TCP. */
    String answerTo(TestNamespace client, String address, int port) {
        return client.call(() -> {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), PATIENCE_MILLIS);
                socket.setSoTimeout(PATIENCE_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }

    @Override
    public void close() {
        try {
            streams.close();
            datagrams.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
