package io.keelson.e2e.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** The same loads, known beforehand, under each subject, and what each says of them. */
final class Truth {
    private static final String NAME = "truth";
    private static final long MEBIBYTE = 1 << 20;

    /** A look at what was written and at the network comes in turn, after ten seconds or so. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);

    /** As in StatisticsIT, whose reader compares ours with the kernel's files. */
    private static final String LOADS = "mkdir /srv; dd if=/dev/zero of=/srv/file bs=1024k count=1;"
            + " dd if=/dev/zero of=/written bs=1024k count=9;"
            + " n=0; while [ $n -lt 35 ]; do sleep 100000 & n=$((n+1)); done;"
            + " httpd -f -p 8080 -h /srv &"
            + " touched=$(head -c 67108864 /dev/zero | tr '\\0' x);"
            + " timeout 2 sh -c 'while :; do :; done'; echo ready; wait";

    private static final Map<String, String> KNOWN = new LinkedHashMap<>();

    static {
        KNOWN.put("CPU used, ms", "2000 and what the rest takes");
        KNOWN.put("memory touched (rss), bytes", "67108864 and the shells");
        KNOWN.put("memory working set, bytes", "67108864 and the shells");
        KNOWN.put("memory in use, bytes", "and 10485760 written");
        KNOWN.put("written to the layer, bytes", "10485760");
        KNOWN.put("inodes of the layer", "4 and mount points");
        KNOWN.put("sent by the network, bytes", "1048576 and headers");
        KNOWN.put("processes of the pod", "37");
    }

    private final List<Map<String, OptionalLong>> columns = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    void run(Subject subject, String image) throws IOException, InterruptedException {
        var calls = new Calls(subject.cri());
        var pod = Calls.pod(subject, NAME, 0);
        var podId = calls.run(pod);
        try {
            var container = calls.create(podId, pod, image, List.of("sh", "-c", LOADS));
            calls.start(container);
            awaitReady(Path.of(subject.logs(), NAME, "c.log"));
            names.add(subject.name());
            columns.add(told(calls, podId, container));
        } finally {
            calls.stopPod(podId);
            calls.removePod(podId);
        }
    }

    private static void awaitReady(Path log) throws IOException, InterruptedException {
        var end = System.nanoTime() + PATIENCE_NANOS;
        while (!Files.exists(log) || !Files.readString(log).contains(" ready")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the loads did not come to their end; they said: "
                        + (Files.exists(log) ? Files.readString(log) : "nothing"));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static Map<String, OptionalLong> told(Calls calls, String podId, String container)
            throws IOException, InterruptedException {
        var sent = calls.sentBytes(podId);
        try (var file = URI.create("http://" + calls.address(podId) + ":8080/file")
                .toURL()
                .openStream()) {
            var _ = file.transferTo(OutputStream.nullOutputStream());
        }
        var end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end
                && (calls.stats(container).getWritableLayer().getUsedBytes().getValue() < 10 * MEBIBYTE
                        || calls.sentBytes(podId) - sent < MEBIBYTE)) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
        var stats = calls.stats(container);
        var memory = stats.getMemory();
        var layer = stats.getWritableLayer();
        return Map.of(
                "CPU used, ms",
                OptionalLong.of(stats.getCpu().getUsageCoreNanoSeconds().getValue() / 1_000_000),
                "memory touched (rss), bytes",
                value(memory.hasRssBytes(), memory.getRssBytes().getValue()),
                "memory working set, bytes",
                value(memory.hasWorkingSetBytes(), memory.getWorkingSetBytes().getValue()),
                "memory in use, bytes",
                value(memory.hasUsageBytes(), memory.getUsageBytes().getValue()),
                "written to the layer, bytes",
                value(layer.hasUsedBytes(), layer.getUsedBytes().getValue()),
                "inodes of the layer",
                value(layer.hasInodesUsed(), layer.getInodesUsed().getValue()),
                "sent by the network, bytes",
                OptionalLong.of(calls.sentBytes(podId) - sent),
                "processes of the pod",
                OptionalLong.of(calls.processes(podId)));
    }

    private static OptionalLong value(boolean isThere, long value) {
        return isThere ? OptionalLong.of(value) : OptionalLong.empty();
    }

    /** A line a load: what it was, and what each says; "-" where it says nothing. */
    String table() {
        var rows = new ArrayList<List<String>>();
        var head = new ArrayList<>(List.of("", "known"));
        head.addAll(names);
        rows.add(head);
        KNOWN.forEach((load, known) -> {
            var row = new ArrayList<>(List.of(load, known));
            for (var column : columns) {
                var said = column.getOrDefault(load, OptionalLong.empty());
                row.add(said.isPresent() ? Long.toString(said.getAsLong()) : "-");
            }
            rows.add(row);
        });
        return Report.aligned(rows);
    }
}
