package io.keelson.host.linux;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The addresses of all interfaces in the calling thread's network namespace (rtnetlink(7)). */
public final class LocalAddresses {
    private static final int GET_ADDRESS = 22;
    private static final int ADDRESS = 1;
    /** Where an interface has a peer, its own one; with IPv4 always there. */
    private static final int LOCAL = 2;

    private static final int FIXED_BYTES = 8;

    private LocalAddresses() {}

    public static List<InetAddress> list() {
        try (var netlink = Netlink.open(Netlink.ROUTE)) {
            var found = new ArrayList<InetAddress>();
            for (var message : netlink.ask("addresses", GET_ADDRESS, Netlink.DUMP, new byte[FIXED_BYTES])) {
                attribute(message, LOCAL).or(() -> attribute(message, ADDRESS)).ifPresent(found::add);
            }
            return found;
        }
    }

    private static Optional<InetAddress> attribute(ByteBuffer message, int wanted) {
        for (var at = FIXED_BYTES;
                at + 4 <= message.limit();
                at += Math.max(4, Netlink.aligned(message.getShort(at)))) {
            if (message.getShort(at + 2) == wanted) {
                var bytes = new byte[message.getShort(at) - 4];
                message.get(at + 4, bytes);
                try {
                    return Optional.of(InetAddress.getByAddress(bytes));
                } catch (UnknownHostException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }
}
