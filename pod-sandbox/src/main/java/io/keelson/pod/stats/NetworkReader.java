package io.keelson.pod.stats;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import io.keelson.pod.stats.InterfaceUsage.Traffic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what went through the interfaces of network namespaces (proc_pid_net(5), dev): one thread visits them all. */
final class NetworkReader {
    private static final Path COUNTERS = Path.of("/proc/thread-self/net/dev");
    private static final String LOOPBACK = "lo";

    /** The number of a value after the interface's name, and in each half of the line. */
    private static final int TRANSMITTED = 8;

    private static final int BYTES = 0;
    private static final int PACKETS = 1;
    private static final int ERRORS = 2;
    private static final int DROPPED = 3;

    private NetworkReader() {}

    /** For each namespace all interfaces but loopback, in the kernel's order; none if it is gone. */
    static List<List<InterfaceUsage>> read(List<Path> namespaces) {
        if (namespaces.isEmpty()) {
            return List.of();
        }
        return PlatformThread.call("network-usage", () -> texts(namespaces)).stream()
                .map(text -> text.map(NetworkReader::parse).orElse(List.of()))
                .toList();
    }

    private static List<Optional<String>> texts(List<Path> namespaces) {
        var texts = new ArrayList<Optional<String>>(namespaces.size());
        for (var namespace : namespaces) {
            texts.add(inside(namespace));
        }
        return texts;
    }

    /** No file stays open: it would hold the namespace. */
    private static Optional<String> inside(Path namespace) {
        try (var network = Descriptors.open(namespace, Descriptors.O_RDONLY, 0)) {
            Namespaces.setns(network, Namespaces.CLONE_NEWNET);
            return CounterFile.readOnce(COUNTERS);
        } catch (LinuxException e) {
            return Optional.empty();
        }
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
        return new InterfaceUsage(name, traffic(values, 0), traffic(values, TRANSMITTED));
    }

    private static Traffic traffic(String[] values, int first) {
        return new Traffic(
                Long.parseUnsignedLong(values[first + BYTES]),
                Long.parseUnsignedLong(values[first + PACKETS]),
                Long.parseUnsignedLong(values[first + ERRORS]),
                Long.parseUnsignedLong(values[first + DROPPED]));
    }
}
