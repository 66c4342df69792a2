package io.keelson.server.explain;

import io.keelson.host.json.Json;
import io.keelson.image.ImagesOnDisk;
import io.keelson.server.text.Ink;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** A pod's start step by step, what was pulled for it, its containers' starts, and what went wrong last. */
final class PodExplanation {
    private final Path root;
    private final PrintWriter out;
    private final Ink ink;

    PodExplanation(Path root, PrintWriter out, Ink ink) {
        this.root = root;
        this.out = out;
        this.ink = ink;
    }

    void print(Json.Obj pod) {
        out.println(ink.strong("pod " + title(pod)) + ", begun " + pod.textOrEmpty("createdAt") + ", "
                + pod.textOrEmpty("state"));
        if (pod.has("createdAt")) {
            waterfall(pod).print(out, ink);
        }
        lastTrouble(pod);
    }

    static String title(Json.Obj pod) {
        return pod.textOrEmpty("namespace") + "/" + pod.textOrEmpty("name") + " ("
                + pod.text("id").substring(0, Names.SHORT) + ")";
    }

    Waterfall waterfall(Json.Obj pod) {
        var waterfall = new Waterfall();
        var zero = Instant.parse(pod.text("createdAt"));
        steps(waterfall, "", pod.objects("steps"), -micros(pod.objects("steps"), "wait"::equals));
        for (var container : pod.objects("containers")) {
            pull(waterfall, container, zero);
            container(waterfall, container, zero);
        }
        return waterfall;
    }

    /** One after the other; a name with a slash is of a part of the step that follows. */
    private static void steps(Waterfall waterfall, String prefix, List<Json.Obj> steps, long beginMicros) {
        var at = beginMicros;
        var partAt = beginMicros;
        for (var step : steps) {
            var name = step.text("step");
            var micros = step.number("micros");
            if (name.indexOf('/') >= 0) {
                waterfall.part(prefix + name, partAt, micros);
                partAt += micros;
            } else {
                waterfall.step(prefix + name, at, micros);
                at += micros;
                partAt = at;
            }
        }
    }

    /** Its creation is written down between {@code spec} and {@code create}. */
    private static void container(Waterfall waterfall, Json.Obj container, Instant zero) {
        var name = container.text("name") + ": ";
        var created = micros(zero, Instant.parse(container.text("createdAt")));
        var making = container.objects("steps").stream()
                .filter(step -> !step.text("step").equals("start"))
                .toList();
        var before = micros(making, step -> !step.equals("create"));
        steps(waterfall, name, making, created - before);
        container.findText("startedAt").map(Instant::parse).ifPresent(at -> {
            var started = micros(zero, at);
            var took = micros(container.objects("steps"), "start"::equals);
            waterfall.step(name + "start", started - took, took);
            FirstLine.of(container, at)
                    .ifPresent(line -> waterfall.step(name + "first log line", started, micros(at, line)));
        });
    }

    /** Of its image, if that was pulled for this pod: after the pod's start, and before the container was made. */
    private void pull(Waterfall waterfall, Json.Obj container, Instant zero) {
        ImagesOnDisk.lastPull(root, container.text("imageId")).ifPresent(pull -> {
            var begun = Instant.parse(pull.text("begun"));
            if (begun.isBefore(zero) || begun.isAfter(Instant.parse(container.text("createdAt")))) {
                return;
            }
            var at = micros(zero, begun);
            waterfall.step(container.text("name") + ": pull", at, pull.number("totalMicros"));
            var before = pull.objects("steps").stream()
                    .takeWhile(step -> !step.text("step").equals("layers"))
                    .mapToLong(step -> step.number("micros"))
                    .sum();
            for (var layer : pull.objects("layers")) {
                waterfall.part(
                        "layer " + layer.text("diffId").replaceFirst("^.*:", "").substring(0, Names.SHORT) + ", "
                                + layer.text("origin"),
                        at + before + layer.numberOr("waitMicros", 0),
                        layer.number("totalMicros"));
            }
        });
    }

    private static long micros(List<Json.Obj> steps, Predicate<String> which) {
        return steps.stream()
                .filter(step -> which.test(step.text("step")))
                .mapToLong(step -> step.number("micros"))
                .sum();
    }

    private static long micros(Instant from, Instant to) {
        return ChronoUnit.MICROS.between(from, to);
    }

    /** What could not be made, or a container's end, whichever came later. */
    private void lastTrouble(Json.Obj pod) {
        var ended = pod.objects("containers").stream()
                .filter(container -> Advice.of(container).isPresent())
                .max(Comparator.comparing(container -> time(container, "finishedAt")));
        var failed = pod.findObject("failure")
                .filter(failure -> ended.isEmpty() || time(failure, "at").isAfter(time(ended.get(), "finishedAt")));
        if (failed.isPresent()) {
            failure(failed.get());
        } else {
            ended.ifPresentOrElse(this::trouble, () -> out.println(ink.good("nothing went wrong")));
        }
    }

    private static Instant time(Json.Obj story, String key) {
        return story.findText(key).map(Instant::parse).orElse(Instant.MIN);
    }

    private void failure(Json.Obj failure) {
        out.println(ink.bad("went wrong last: ") + failure.text("message") + ", at " + failure.text("at"));
        out.println(ink.strong("what would help: ") + Advice.ofFailure(failure));
    }

    /** How it ended, what it said last, and what would help. */
    void trouble(Json.Obj container) {
        out.println(ink.bad("went wrong last: ") + "container " + container.text("name") + " ("
                + container.text("id").substring(0, Names.SHORT) + ") " + Endings.of(container));
        container
                .findText("message")
                .filter(text -> !text.isBlank())
                .ifPresent(text -> text.lines().forEach(line -> out.println("  " + line)));
        Advice.of(container).ifPresent(advice -> out.println(ink.strong("what would help: ") + advice));
    }
}
