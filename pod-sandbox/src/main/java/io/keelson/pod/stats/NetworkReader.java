package io.keelson.pod.stats;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Reads what went through the interfaces of a network namespace (proc_pid_net(5), dev). */
final class NetworkReader {
    private static final Path COUNTERS = Path.of("/proc/thread-self/net/dev");
    private static final int MAX_BYTES = 1 << 20;
    private static final String LOOPBACK = "lo";

    /** The number of a value after the interface's name. */
    private static final int RECEIVED_BYTES = 0;

    private static final int RECEIVE_ERRORS = 2;
    private static final int TRANSMITTED_BYTES = 8;
    private static final int TRANSMIT_ERRORS = 10;

    private NetworkReader() {}

    /** All but loopback, in the kernel's order; none if the namespace is gone. */
    static List<InterfaceUsage> read(Path namespace) {
        try (var counters = PlatformThread.call("network-usage", () -> openInside(namespace))) {
            return parse(text(counters));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.EINVAL)) {
                return List.of();
            }
            throw Failure.internal("cannot read the counters of network namespace " + namespace, e);
        }
    }

    /** What an open file shows is decided by who opened it. */
    private static Fd openInside(Path namespace) {
        try (var network = Descriptors.open(namespace, Descriptors.O_RDONLY, 0)) {
            Namespaces.setns(network, Namespaces.CLONE_NEWNET);
            return Descriptors.open(COUNTERS, Descriptors.O_RDONLY, 0);
        }
    }

    private static String text(Fd file) {
        var text = new StringBuilder();
        var buffer = ByteBuffer.allocateDirect(8192);
        while (text.length() < MAX_BYTES && Descriptors.read(file, buffer) > 0) {
            text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
            buffer.clear();
        }
        return text.toString();
    }

    /** Two lines of headings, then {@code name: values}. */
    static List<InterfaceUsage> parse(String text) {
        return text.lines()
                .skip(2)
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2 && !parts[0].strip().equals(LOOPBACK))
                .map(parts -> usage(parts[0].strip(), parts[1].strip().split(" +", -1)))
                .toList();
    }

    private static InterfaceUsage usage(String name, String[] values) {
        return new InterfaceUsage(
                name,
                Long.parseUnsignedLong(values[RECEIVED_BYTES]),
                Long.parseUnsignedLong(values[RECEIVE_ERRORS]),
                Long.parseUnsignedLong(values[TRANSMITTED_BYTES]),
                Long.parseUnsignedLong(values[TRANSMIT_ERRORS]));
    }
}
