package io.keelson.server.images;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.server.text.Sizes;
import io.keelson.server.text.Table;
import io.keelson.server.text.Times;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A pull's record as a table, with the path that decided how long it took. */
final class Explanation {
    /** Stages of a layer that run beside each other, as they are called in the record. */
    private static final List<String> STAGES = List.of("network", "inflate", "hash", "write", "fsync");

    private final Json.Obj pull;
    private final PrintWriter out;

    private Explanation(Json.Obj pull, PrintWriter out) {
        this.pull = pull;
        this.out = out;
    }

    /** Running pulls of the name go before what is kept of the last one. */
    static int print(ImageTools images, String name, PrintWriter out) {
        var running = images.puller().running(name);
        running.forEach(pull -> print(pull, out));
        if (!running.isEmpty()) {
            return 0;
        }
        if (name.isEmpty()) {
            out.println("no pull runs");
            return 0;
        }
        var image = images.catalog().get(name);
        var last = images.catalog()
                .lastPull(image)
                .orElseThrow(() -> Failure.absent("nothing is kept of how image " + image.id() + " was pulled"));
        print(last, out);
        return 0;
    }

    static void print(Json.Obj pull, PrintWriter out) {
        new Explanation(pull, out).print();
    }

    private void print() {
        out.println(pull.text("reference") + ", begun " + pull.text("begun") + ", "
                + (isRunning() ? "running for " : "") + Times.text(pull.number("totalMicros")));
        if (!pull.objects("layers").isEmpty()) {
            layers();
        }
        if (!isRunning()) {
            criticalPath();
        }
    }

    private boolean isRunning() {
        return pull.has("running");
    }

    private void layers() {
        var table = new Table(
                "LAYER",
                "SIZE",
                "HOW",
                "FROM",
                "WAIT",
                "FIRST BYTE",
                "NETWORK",
                "INFLATE",
                "HASH",
                "WRITE",
                "FSYNC",
                "TOTAL");
        var critical = critical();
        for (var layer : pull.objects("layers")) {
            var mark = critical.filter(layer::equals).isPresent() ? "*" : "";
            table.row(
                    layer.text("diffId").replaceFirst("^.*:", "").substring(0, ImageTable.SHORT_ID) + mark,
                    Sizes.text(layer.number("blobBytes")),
                    how(layer),
                    String.join("+", layer.texts("endpoints")),
                    cell(layer, "wait"),
                    cell(layer, "firstByte"),
                    cell(layer, "network"),
                    cell(layer, "inflate"),
                    cell(layer, "hash"),
                    cell(layer, "write"),
                    cell(layer, "fsync"),
                    cell(layer, "total"));
        }
        table.print(out);
    }

    private static String how(Json.Obj layer) {
        var how = new StringBuilder(layer.findNumber("receivedBytes")
                .map(received -> "running, "
                        + (layer.number("blobBytes") == 0 ? 100 : 100 * received / layer.number("blobBytes")) + " %")
                .orElseGet(() -> layer.text("origin")));
        if (layer.numberOr("parts", 0) + layer.numberOr("runningParts", 0) > 0) {
            how.append(" in ").append(layer.number("parts")).append(" parts");
        }
        if (layer.numberOr("runningParts", 0) > 0) {
            how.append(" and ").append(layer.number("runningParts")).append(" coming");
        }
        if (layer.numberOr("foundBytes", 0) > 0) {
            how.append(", ").append(Sizes.text(layer.number("foundBytes"))).append(" were here");
        }
        if (layer.numberOr("resumes", 0) > 0) {
            how.append(", resumed ").append(layer.number("resumes"));
        }
        return how.toString();
    }

    private static String cell(Json.Obj layer, String stage) {
        var micros = layer.numberOr(stage + "Micros", 0);
        return micros == 0 ? "-" : Times.text(micros);
    }

    /** The layer that was ready last: the others ran beside it. */
    private Optional<Json.Obj> critical() {
        return isRunning()
                ? Optional.empty()
                : pull.objects("layers").stream()
                        .filter(layer -> !layer.has("receivedBytes"))
                        .max(Comparator.comparingLong(Explanation::readyAfter));
    }

    private static long readyAfter(Json.Obj layer) {
        return layer.numberOr("waitMicros", 0) + layer.numberOr("totalMicros", 0);
    }

    private void criticalPath() {
        var path = new StringBuilder("critical path:");
        for (var step : pull.objects("steps")) {
            path.append(path.charAt(path.length() - 1) == ':' ? " " : ", ")
                    .append(step.text("step"))
                    .append(' ')
                    .append(Times.text(step.number("micros")));
            if (step.text("step").equals("layers")) {
                critical().ifPresent(layer -> path.append(of(layer)));
            }
        }
        out.println(path);
    }

    private static String of(Json.Obj layer) {
        var longest = STAGES.stream()
                .max(Comparator.comparingLong(stage -> layer.numberOr(stage + "Micros", 0)))
                .orElseThrow();
        return " (" + layer.text("diffId").replaceFirst("^.*:", "").substring(0, ImageTable.SHORT_ID) + ": wait "
                + Times.text(layer.numberOr("waitMicros", 0)) + ", then " + Times.text(layer.numberOr("totalMicros", 0))
                + (layer.numberOr(longest + "Micros", 0) > 0
                        ? ", most of it " + longest + " " + Times.text(layer.number(longest + "Micros"))
                        : "")
                + ")";
    }
}
