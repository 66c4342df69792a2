package io.keelson.e2e;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Looks at a node that has no pods and nothing to do. */
final class NodeLook {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final Pattern MALLOC = Pattern.compile("\\[heap](?s:.*?)\\nRss: +(\\d+) kB");
    private static final long SETTLE = Duration.ofSeconds(5).toNanos();

    private final Node node;
    private final Leftovers leftovers;

    NodeLook(Node node, Leftovers leftovers) {
        this.node = node;
        this.leftovers = leftovers;
    }

    /** Makes the daemon collect its garbage, and counts what there is then. */
    Map<Quantity, Long> take() throws IOException, InterruptedException {
        var process = Path.of("/proc", Long.toString(node.pid()));
        var amounts = new EnumMap<Quantity, Long>(Quantity.class);
        amounts.put(Quantity.LIVE_KIB, liveKib());
        var size = settled();
        amounts.put(Quantity.DESCRIPTORS, (long) size.descriptors());
        amounts.put(Quantity.THREADS, (long) size.threads());
        amounts.put(Quantity.RESIDENT_KIB, size.residentKib());
        amounts.put(Quantity.NATIVE_KIB, number(MALLOC, Files.readString(process.resolve("smaps"))));
        amounts.put(Quantity.MOUNTS, (long)
                Files.readAllLines(process.resolve("mountinfo")).size());
        var left = leftovers.counts();
        amounts.put(Quantity.CONTROL_GROUPS, left.getOrDefault("cgroup", 0L));
        amounts.put(Quantity.FILES, left.getOrDefault("file", 0L));
        return amounts;
    }

    /** To count objects, the daemon collects first. */
    private long liveKib() throws IOException {
        return number(TOTAL, Pages.overSocket(node.place().state().resolve("inspect.sock"), "/debug/heap")) >> 10;
    }

    /** Once connections that were closed on this side are on the other. */
    private ProcessSize settled() throws IOException, InterruptedException {
        var deadline = System.nanoTime() + SETTLE;
        var before = ProcessSize.of(node.pid());
        while (true) {
            TimeUnit.MILLISECONDS.sleep(100);
            var now = ProcessSize.of(node.pid());
            if (now.descriptors() == before.descriptors() || System.nanoTime() > deadline) {
                return now;
            }
            before = now;
        }
    }

    private static long number(Pattern pattern, String text) {
        var match = pattern.matcher(text);
        if (!match.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return Long.parseLong(match.group(1));
    }
}
