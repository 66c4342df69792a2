package io.keelson.e2e.bench;

import io.keelson.e2e.images.Layer;
import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How far a pull is from what the machine can do. What each stage can do alone is measured with the same bytes and the programs that
 * are known for it: {@code igzip} on two cores, {@code openssl dgst} on one, {@code dd} past the page cache where the file system has a way to.
 */
final class PullStages {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final double MEBIBYTE = 1 << 20;
    private static final int MAX_BLOBS = 4;

    private record Pull(String runtime, JsonNode record) {}

    /** @param bytes that it handled, unpacked */
    private record Alone(double seconds, double bytes) {
        double rate() {
            return bytes / MEBIBYTE / seconds;
        }
    }

    private final Path directory;
    private final List<Pull> pulls = new ArrayList<>();
    private final List<Path> blobs = new ArrayList<>();
    private double unpackedBytes;

    PullStages(Path directory) {
        this.directory = directory;
    }

    /** The layers of the image whose pulls will be added; gzip. */
    void of(List<Layer> layers) throws IOException {
        for (var layer : layers.subList(0, Math.min(MAX_BLOBS, layers.size()))) {
            blobs.add(Files.write(directory.resolve("layer-" + blobs.size() + ".gz"), layer.stored()));
        }
    }

    /** What the runtime says of a pull; nothing, where it says nothing. */
    void add(Subject subject, Map<String, String> imageInfo) {
        var info = imageInfo.get("info");
        if (info == null) {
            return;
        }
        var details = JsonMapper.shared().readTree(info);
        var pull = details.at("/lastPull");
        if (!pull.isMissingNode()) {
            pulls.add(new Pull(subject.name(), pull));
        }
    }

    String report() throws IOException, InterruptedException {
        if (pulls.isEmpty() || blobs.isEmpty()) {
            return "";
        }
        var alone = alone();
        if (alone.isEmpty()) {
            return "%nWhat the stages of a pull can do alone is not measured: it takes igzip (Debian's package isal).%n"
                    .formatted();
        }
        var last = pulls.getLast().record();
        var seconds = last.at("/totalMicros").doubleValue() / 1e6;
        unpackedBytes = unpackedBytes * packed(last) / packedSample();
        var text =
                new StringBuilder("%nWhere %s's last pull of the reference image spent its time (%.0f MiB unpacked):%n"
                        .formatted(pulls.getLast().runtime(), unpackedBytes / MEBIBYTE));
        text.append("  %-12s %14s %14s %16s%n".formatted("stage", "busy, s", "MiB/s alone", "all of it alone, s"));
        var slowest = 0.0;
        for (var stage : alone.entrySet()) {
            var own = unpackedBytes / MEBIBYTE / stage.getValue().rate();
            slowest = Math.max(slowest, own);
            text.append(line(
                    stage.getKey(), busy(last, stage.getKey()), stage.getValue().rate(), own));
        }
        text.append("  %-12s %14.2f%n".formatted("network", sum(last, "networkMicros")));
        text.append(String.format(
                Locale.ROOT,
                "  the pull took %.2f s, %.0f %% of the rate of its slowest stage alone%n",
                seconds,
                100 * slowest / seconds));
        return text.toString();
    }

    private static String line(String stage, double busy, double rate, double alone) {
        return String.format(Locale.ROOT, "  %-12s %14.2f %14.0f %16.2f%n", stage, busy, rate, alone);
    }

    private static double busy(JsonNode pull, String stage) {
        return stage.equals("write")
                ? sum(pull, "writeMicros") + sum(pull, "fsyncMicros")
                : sum(pull, stage + "Micros");
    }

    /** Seconds of all layers together: some run side by side. */
    private static double sum(JsonNode pull, String field) {
        var micros = 0L;
        for (var layer : pull.at("/layers")) {
            micros += layer.at("/" + field).longValue();
        }
        return micros / 1e6;
    }

    private static double packed(JsonNode pull) {
        var bytes = 0L;
        for (var layer : pull.at("/layers")) {
            bytes += layer.at("/blobBytes").longValue();
        }
        return bytes;
    }

    private double packedSample() throws IOException {
        var bytes = 0L;
        for (var blob : blobs) {
            bytes += Files.size(blob);
        }
        return bytes;
    }

    /** Empty without igzip. */
    private Map<String, Alone> alone() throws IOException, InterruptedException {
        if (Program.run(directory, List.of("sh", "-c", "command -v igzip openssl"))
                        .exitCode()
                != 0) {
            return Map.of();
        }
        var raw = directory.resolve("raw");
        var names = String.join(" ", blobs.stream().map(Path::toString).toList());
        seconds("cat %s | igzip -d -c >%s".formatted(names, raw));
        unpackedBytes = Files.size(raw);
        var stages = new LinkedHashMap<String, Alone>();
        stages.put(
                "inflate",
                new Alone(seconds("echo %s | xargs -n1 -P2 igzip -d -c >/dev/null".formatted(names)), unpackedBytes));
        stages.put("hash", new Alone(seconds("openssl dgst -sha256 %s".formatted(raw)), unpackedBytes));
        stages.put(
                "write",
                new Alone(
                        seconds(
                                "dd if=%1$s of=%1$s.copy bs=1M oflag=direct conv=fsync 2>/dev/null || dd if=%1$s of=%1$s.copy bs=1M conv=fsync 2>/dev/null"
                                        .formatted(raw)),
                        unpackedBytes));
        return stages;
    }

    private double seconds(String command) throws IOException, InterruptedException {
        var begin = System.nanoTime();
        Program.run(directory, LIMIT, List.of("sh", "-c", command)).expectSuccess();
        return (System.nanoTime() - begin) / 1e9;
    }
}
