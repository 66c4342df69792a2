package io.keelson.pod.stats;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
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
    /** Of the network that the thread is in when something in it is opened, whichever that was when this was. */
    private static final Path OWN = Path.of("/proc/thread-self/net");

    private static final String COUNTERS = "dev";
    private static final String LOOPBACK = "lo";

    /** The number of a value after the interface's name, and in each half of the line. */
    private static final int TRANSMITTED = 8;

    private static final int BYTES = 0;
    private static final int PACKETS = 1;
    private static final int ERRORS = 2;
    private static final int DROPPED = 3;

    private static final int RADIX = 10;

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
        try (var own = Descriptors.open(OWN, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            for (var namespace : namespaces) {
                texts.add(inside(namespace, own));
            }
        }
        return texts;
    }

    /** No file stays open: it would hold the namespace. */
    private static Optional<String> inside(Path namespace, Fd own) {
        try (var network = Descriptors.open(namespace, Descriptors.O_RDONLY, 0)) {
            Namespaces.setns(network, Namespaces.CLONE_NEWNET);
            return CounterFile.open(own, COUNTERS).flatMap(CounterFile::readLast);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /** Two lines of headings, then {@code name: values}. */
    static List<InterfaceUsage> parse(String text) {
        var usages = new ArrayList<InterfaceUsage>();
        var colon = text.indexOf(':', text.indexOf('\n', text.indexOf('\n') + 1) + 1);
        while (colon >= 0) {
            var name = text.substring(text.lastIndexOf('\n', colon) + 1, colon).strip();
            var lineEnd = text.indexOf('\n', colon);
            var end = lineEnd < 0 ? text.length() : lineEnd;
            if (!name.equals(LOOPBACK)) {
                usages.add(usage(name, numbers(text, colon + 1, end)));
            }
            colon = text.indexOf(':', end);
        }
        return usages;
    }

    private static InterfaceUsage usage(String name, long[] values) {
        return new InterfaceUsage(name, traffic(values, 0), traffic(values, TRANSMITTED));
    }

    private static Traffic traffic(long[] values, int first) {
        return new Traffic(
                values[first + BYTES], values[first + PACKETS], values[first + ERRORS], values[first + DROPPED]);
    }

    /** Those of one line, with spaces between them. */
    private static long[] numbers(String text, int begin, int end) {
        var numbers = new long[2 * TRANSMITTED];
        var at = begin;
        for (var i = 0; i < numbers.length; i++) {
            while (text.charAt(at) == ' ') {
                at++;
            }
            var first = at;
            while (at < end && text.charAt(at) != ' ') {
                at++;
            }
            numbers[i] = Long.parseUnsignedLong(text, first, at, RADIX);
        }
        return numbers;
    }
}
