package io.keelson.host.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A conversation with the kernel by messages (netlink(7)), about the network namespace of the thread that opened it. */
final class Netlink implements AutoCloseable {
    static final int ROUTE = 0;
    static final int NETFILTER = 12;
    /** The answer is many messages and an end. */
    static final int DUMP = 0x300;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int HEADER_BYTES = 16;
    private static final int ANSWER_BYTES = 64 * 1024;
    private static final int NESTED = 0x8000;

    private final Fd socket;

    private Netlink(Fd socket) {
        this.socket = socket;
    }

    /** @throws LinuxException EPROTONOSUPPORT if the kernel lacks the protocol */
    static Netlink open(int protocol) {
        return new Netlink(Fd.owned(
                (int) SystemCall.SOCKET.call("netlink", AF_NETLINK, SOCK_RAW | Descriptors.O_CLOEXEC, protocol)));
    }

    /**
     * Sends one request, and returns what the messages of the answer hold behind their headers, in the byte order of this machine.
     *
     * @throws LinuxException what the kernel refuses it with
     */
    List<ByteBuffer> ask(String subject, int type, int flags, byte[] body) {
        var request = ByteBuffer.allocateDirect(HEADER_BYTES + body.length).order(ByteOrder.nativeOrder());
        request.putInt(HEADER_BYTES + body.length)
                .putShort((short) type)
                .putShort((short) (REQUEST | (flags == 0 ? ACKNOWLEDGE : flags)))
                .putInt(0)
                .putInt(0)
                .put(body)
                .flip();
        Descriptors.write(socket, request);
        var messages = new ArrayList<ByteBuffer>();
        var answer = ByteBuffer.allocateDirect(ANSWER_BYTES).order(ByteOrder.nativeOrder());
        do {
            Descriptors.read(socket, answer.clear());
        } while (!collect(subject, answer.flip(), messages));
        return messages;
    }

    /** False while the end has not come. */
    private static boolean collect(String subject, ByteBuffer answer, List<ByteBuffer> messages) {
        while (answer.remaining() >= HEADER_BYTES) {
            var begin = answer.position();
            var length = answer.getInt(begin);
            var type = answer.getShort(begin + 4);
            if (type == DONE) {
                return true;
            }
            if (type == ERROR) {
                var errno = -answer.getInt(begin + HEADER_BYTES);
                if (errno != 0) {
                    throw new LinuxException("netlink", errno, subject);
                }
                return true;
            }
            var content = new byte[length - HEADER_BYTES];
            answer.get(begin + HEADER_BYTES, content);
            messages.add(ByteBuffer.wrap(content).order(ByteOrder.nativeOrder()));
            answer.position(Math.min(answer.limit(), begin + aligned(length)));
        }
        return false;
    }

    static int aligned(int length) {
        return (length + 3) & ~3;
    }

    /** An attribute of a message, padded. */
    static byte[] attribute(int type, byte[] value) {
        return ByteBuffer.allocate(aligned(4 + value.length))
                .order(ByteOrder.nativeOrder())
                .putShort((short) (4 + value.length))
                .putShort((short) type)
                .put(value)
                .array();
    }

    /** An attribute of attributes. */
    static byte[] nested(int type, byte[]... attributes) {
        return attribute(type | NESTED, joined(attributes));
    }

    static byte[] joined(byte[]... parts) {
        var length = 0;
        for (var part : parts) {
            length += part.length;
        }
        var all = ByteBuffer.allocate(length);
        for (var part : parts) {
            all.put(part);
        }
        return all.array();
    }

    @Override
    public void close() {
        socket.close();
    }
}
