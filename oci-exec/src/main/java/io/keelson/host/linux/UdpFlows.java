package io.keelson.host.linux;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the kernel remembers of UDP packets and how it translated their addresses, in the calling thread's network namespace
 * (connection tracking). Later packets of a flow are treated as its first one was, whatever the rules say by then; a flow that is
 * forgotten begins anew. The kernel chooses what to delete by our filter since Linux 5.8.
 */
public final class UdpFlows {
    private static final int DELETE = 0x0102;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final byte UDP = 17;

    private static final int TUPLE_ORIGINAL = 1;
    private static final int TUPLE_REPLY = 2;
    private static final int TUPLE_IP = 1;
    private static final int TUPLE_PROTOCOL = 2;
    private static final int PROTOCOL_NUMBER = 1;
    private static final int PROTOCOL_DESTINATION_PORT = 3;
    private static final int FILTER = 25;
    private static final int FILTER_ORIGINAL = 1;
    private static final int FILTER_REPLY = 2;

    private static final int BY_SOURCE = 1;
    private static final int BY_DESTINATION = 1 << 1;
    private static final int BY_PROTOCOL = 1 << 3;
    private static final int BY_DESTINATION_PORT = 1 << 5;

    private UdpFlows() {}

    /** Those whose answers come from this address: flows to it, translated or not. */
    public static void forgetAnsweredBy(InetAddress address) {
        delete(
                address,
                Netlink.joined(
                        Netlink.nested(
                                TUPLE_REPLY,
                                Netlink.nested(TUPLE_IP, source(address)),
                                Netlink.nested(TUPLE_PROTOCOL, protocol())),
                        filter(FILTER_REPLY, BY_SOURCE | BY_PROTOCOL)));
    }

    /** Those whose first packet was for this address and port. */
    public static void forgetSentTo(InetAddress address, int port) {
        var number = ByteBuffer.allocate(2).putShort((short) port).array();
        delete(
                address,
                Netlink.joined(
                        Netlink.nested(
                                TUPLE_ORIGINAL,
                                Netlink.nested(TUPLE_IP, destination(address)),
                                Netlink.nested(
                                        TUPLE_PROTOCOL,
                                        protocol(),
                                        Netlink.attribute(PROTOCOL_DESTINATION_PORT, number))),
                        filter(FILTER_ORIGINAL, BY_DESTINATION | BY_PROTOCOL | BY_DESTINATION_PORT)));
    }

    /** The version has the kernel look at the family. */
    private static void delete(InetAddress address, byte[] attributes) {
        byte[] head = {(byte) (address instanceof Inet4Address ? AF_INET : AF_INET6), 1, 0, 0};
        try (var netlink = Netlink.open(Netlink.NETFILTER)) {
            netlink.ask("UDP flows of " + address.getHostAddress(), DELETE, 0, Netlink.joined(head, attributes));
        }
    }

    private static byte[] source(InetAddress address) {
        return Netlink.attribute(address instanceof Inet4Address ? 1 : 3, address.getAddress());
    }

    private static byte[] destination(InetAddress address) {
        return Netlink.attribute(address instanceof Inet4Address ? 2 : 4, address.getAddress());
    }

    private static byte[] protocol() {
        return Netlink.attribute(PROTOCOL_NUMBER, new byte[] {UDP});
    }

    private static byte[] filter(int direction, int flags) {
        var bits = ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(flags)
                .array();
        return Netlink.nested(FILTER, Netlink.attribute(direction, bits));
    }
}
