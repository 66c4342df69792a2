package io.keelson.host.linux;

import java.nio.file.Path;

/** A local socket that keeps the bounds of packets (unix(7), SOCK_SEQPACKET), which Java's own sockets cannot. */
public final class PacketSocket {
    private static final int SOCK_SEQPACKET = 5;
    private static final int SHUT_WR = 1;

    private PacketSocket() {}

    /**
     * Connects to the socket of this name in the directory.
     *
     * @throws LinuxException ENOENT or ECONNREFUSED if nobody listens there
     */
    public static Fd connect(Path directory, String name) {
        try (var parent = Descriptors.open(directory, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            var socket = LocalSockets.open(SOCK_SEQPACKET);
            try {
                LocalSockets.connect(socket, parent, name);
                return socket;
            } catch (LinuxException e) {
                socket.close();
                throw e;
            }
        }
    }

    /** shutdown(2): the other side sees the end of what we send, and goes on to send itself. */
    public static void endOutput(Fd socket) {
        SystemCall.SHUTDOWN.call(socket, socket.number(), SHUT_WR);
    }
}
