package io.keelson.e2e;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** TCP ports of the host that nothing listened on a moment ago. */
final class FreePorts {
    private FreePorts() {}

    static int take() throws IOException {
        return take(1).getFirst();
    }

    /** All different. */
    static List<Integer> take(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            while (sockets.size() < count) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }
}
