package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/** The loopback interface of the calling thread's network namespace. */
public final class Loopback {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = Descriptors.O_CLOEXEC;
    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1;
    private static final long FLAGS_OFFSET = 16;

    private Loopback() {}

    /** Brings {@code lo} up (netdevice(7)); the kernel gives it its addresses. */
    public static void up() {
        try (var socket = Fd.owned((int) SystemCall.SOCKET.call("datagram", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
                var arena = Arena.ofConfined()) {
            var request = arena.allocate(40, 8);
            request.setString(0, "lo");
            SystemCall.IOCTL.call("lo", socket.number(), SIOCGIFFLAGS, request.address());
            var flags = request.get(ValueLayout.JAVA_SHORT, FLAGS_OFFSET);
            request.set(ValueLayout.JAVA_SHORT, FLAGS_OFFSET, (short) (flags | IFF_UP));
            SystemCall.IOCTL.call("lo", socket.number(), SIOCSIFFLAGS, request.address());
        }
    }
}
