package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Sockets that are files (unix(7)), by a name in an open directory: the directory's own name may be longer than an address is. */
final class LocalSockets {
    private static final int AF_UNIX = 1;
    private static final int SOCK_CLOEXEC = Descriptors.O_CLOEXEC;
    private static final int ADDRESS_BYTES = 110;
    private static final int PATH_OFFSET = 2;

    private LocalSockets() {}

    /** socket(2). */
    static Fd open(int type) {
        return Fd.owned((int) SystemCall.SOCKET.call("local socket", AF_UNIX, type | SOCK_CLOEXEC, 0));
    }

    /** bind(2): makes the file. */
    static void bind(Fd socket, Fd directory, String name) {
        call(SystemCall.BIND, socket, directory, name);
    }

    /** connect(2). */
    static void connect(Fd socket, Fd directory, String name) {
        call(SystemCall.CONNECT, socket, directory, name);
    }

    private static void call(SystemCall call, Fd socket, Fd directory, String name) {
        try (var arena = Arena.ofConfined()) {
            var path = (directory.procPath() + "/" + name).getBytes(StandardCharsets.UTF_8);
            if (path.length >= ADDRESS_BYTES - PATH_OFFSET) {
                throw new IllegalArgumentException("a socket cannot have the name " + name);
            }
            var address = arena.allocate(ADDRESS_BYTES, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            for (var i = 0; i < path.length; i++) {
                address.set(ValueLayout.JAVA_BYTE, PATH_OFFSET + i, path[i]);
            }
            call.call(name, socket.number(), address.address(), ADDRESS_BYTES);
        }
    }
}
