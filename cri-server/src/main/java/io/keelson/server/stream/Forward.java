package io.keelson.server.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection into a pod and the strand to its client. Each direction ends by itself; whoever breaks off, instead of ending, breaks
 * off the other side too.
 */
final class Forward {
    private static final int PIECE_BYTES = 32 << 10;
    private static final Logger log = LoggerFactory.getLogger(Forward.class);

    private final SocketChannel socket;
    private final Strand client;

    /** @param socket closed by whoever opened it */
    Forward(SocketChannel socket, Strand client) {
        this.socket = socket;
        this.client = client;
    }

    /** Returns when both directions have ended. */
    void run(Conversations conversations) throws IOException {
        var sender = conversations.start("port-forward-in", this::send);
        try {
            receive();
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            client.input().close();
        }
    }

    /** From the pod to the client. */
    private void receive() {
        var piece = new byte[PIECE_BYTES];
        try {
            for (var count = read(piece); count >= 0; count = read(piece)) {
                client.output().write(piece, 0, count);
            }
            client.output().close();
        } catch (IOException e) {
            client.abort();
            close(socket);
        }
    }

    private int read(byte[] piece) throws IOException {
        return socket.read(ByteBuffer.wrap(piece));
    }

    /** From the client to the pod. */
    private void send() {
        var piece = new byte[PIECE_BYTES];
        try {
            for (var count = client.input().read(piece);
                    count >= 0;
                    count = client.input().read(piece)) {
                if (!write(piece, count)) {
                    client.input().close();
                    return;
                }
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            close(socket);
        }
    }

    /** False if the pod takes no more; what it says may go on. */
    private boolean write(byte[] piece, int count) {
        try {
            for (var buffer = ByteBuffer.wrap(piece, 0, count); buffer.hasRemaining(); ) {
                var _ = socket.write(buffer);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void close(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.atDebug().addKeyValue("event", "connection-not-closed").log("cannot close: {}", e.getMessage());
        }
    }
}
