package io.keelson.server.stream;

import io.keelson.pod.stream.StreamSession;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.OptionalInt;

/** What a client may do that comes with a token. */
public sealed interface Offer {
    int LARGEST_PORT = 0xFFFF;

    /** Part of the URL, for whoever reads it. */
    String kind();

    /**
     * To talk with a process.
     *
     * @param stderr not with a terminal
     */
    record Talk(String kind, boolean stdin, boolean stdout, boolean stderr, boolean terminal, Talker talker)
            implements Offer {}

    /**
     * To reach ports of a pod.
     *
     * @param ports as asked for; a client that speaks SPDY names them again, each time it connects
     */
    record Ports(List<Integer> ports, Dialer dialer) implements Offer {
        public Ports {
            ports = List.copyOf(ports);
        }

        @Override
        public String kind() {
            return "portforward";
        }
    }

    /** The process's side of a talk. */
    interface Talker {
        /** Returns when it is over: an exit code, or 0 where there is none. */
        int talk(StreamSession session);
    }

    /** The pod's side of connections. */
    interface Dialer {
        /** @throws io.keelson.host.failure.Failure UNAVAILABLE if nobody listens */
        SocketChannel dial(int port);
    }

    /** What a client writes for a port; empty if it is none. */
    static OptionalInt port(String text) {
        try {
            var port = Integer.parseInt(text);
            return port >= 1 && port <= LARGEST_PORT ? OptionalInt.of(port) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
