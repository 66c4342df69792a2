package io.keelson.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What was measured, for people and for programs. */
final class Report {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double P50 = 0.5;
    private static final double P95 = 0.95;

    private final List<Subject> subjects;

    /** @param subjects the first is compared with the others */
    Report(List<Subject> subjects) {
        this.subjects = List.copyOf(subjects);
    }

    /** A line a metric, aligned; with ratios of the first subject's medians to those of the others. */
    String table() {
        var rows = new ArrayList<List<String>>();
        var head = new ArrayList<>(List.of("", "", "n"));
        for (var subject : subjects) {
            head.addAll(List.of(subject.name() + " p50", "p95"));
        }
        for (var other : subjects.subList(1, subjects.size())) {
            head.add("ratio to " + other.name());
        }
        rows.add(head);
        for (var metric : Metric.values()) {
            if (subjects.stream().anyMatch(subject -> subject.samples().has(metric))) {
                rows.add(row(metric));
            }
        }
        return aligned(rows);
    }

    private List<String> row(Metric metric) {
        var row = new ArrayList<>(List.of(
                metric.text,
                metric.unit.symbol,
                Integer.toString(subjects.getFirst().samples().count(metric))));
        for (var subject : subjects) {
            var samples = subject.samples();
            row.add(samples.has(metric) ? number(samples.percentile(metric, P50)) : "-");
            row.add(samples.has(metric) ? number(samples.percentile(metric, P95)) : "-");
        }
        for (var other : subjects.subList(1, subjects.size())) {
            row.add(ratio(metric, other));
        }
        return row;
    }

    private String ratio(Metric metric, Subject other) {
        var mine = subjects.getFirst().samples();
        if (!mine.has(metric) || !other.samples().has(metric)) {
            return "-";
        }
        return "%.2f".formatted(mine.median(metric) / other.samples().median(metric))
                + (metric.unit.moreIsBetter ? " (more is better)" : "");
    }

    /** How long the steps of a pod's start took, and what is left of our own; empty where no subject tells. */
    String stages() {
        var text = new StringBuilder();
        for (var subject : subjects) {
            if (subject.stages().isEmpty()) {
                continue;
            }
            text.append("%nWhere %s's pod start spends its time (ms, p50):%n".formatted(subject.name()));
            subject.stages()
                    .forEach((stage, millis) -> text.append("  %-16s %8s%n".formatted(stage, number(median(millis)))));
            var own = own(subject.stages());
            if (!own.isEmpty()) {
                text.append("  %-16s %8s%n".formatted("total - cni", number(median(own))));
            }
        }
        return text.toString();
    }

    private static List<Double> own(Map<String, List<Double>> stages) {
        var total = stages.getOrDefault("total", List.of());
        var cni = stages.getOrDefault("cni", List.of());
        var own = new ArrayList<Double>();
        for (var i = 0; i < Math.min(total.size(), cni.size()); i++) {
            own.add(total.get(i) - cni.get(i));
        }
        return own;
    }

    private static double median(List<Double> values) {
        return Samples.percentile(values, P50);
    }

    /** What each subject took, against what is promised; empty where that was not measured. */
    String goals() {
        var text = new StringBuilder();
        for (var subject : subjects) {
            var goals = goals(subject);
            if (!goals.isEmpty()) {
                text.append("%nWhat is promised, and %s (p50):%n".formatted(subject.name()));
                goals.forEach(goal -> text.append(goal.line()));
            }
        }
        return text.toString();
    }

    /** Only the first is compared with the others. */
    private List<Goal> goals(Subject subject) {
        var peers = subject.equals(subjects.getFirst()) ? subjects.subList(1, subjects.size()) : List.<Subject>of();
        return Goal.of(subject, peers);
    }

    /** Medians and 95th percentiles, by subject and metric. */
    String json() {
        var root = JSON.createObjectNode();
        for (var subject : subjects) {
            var node = root.putObject(subject.name());
            for (var metric : Metric.values()) {
                if (subject.samples().has(metric)) {
                    put(node, metric, subject.samples());
                }
            }
            goals(subject)
                    .forEach(goal -> node.withObject("/goals")
                            .putObject(goal.id())
                            .put("unit", Metric.Unit.MILLISECONDS.symbol)
                            .put("p50", goal.millis())
                            .put("limit", goal.limitMillis())
                            .put("met", goal.isMet()));
            if (!subject.stages().isEmpty()) {
                var stages = node.putObject("pod-start-stages");
                subject.stages().forEach((stage, millis) -> stages.put(stage, median(millis)));
            }
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static void put(ObjectNode node, Metric metric, Samples samples) {
        node.putObject(metric.id)
                .put("unit", metric.unit.symbol)
                .put("count", samples.count(metric))
                .put("p50", samples.percentile(metric, P50))
                .put("p95", samples.percentile(metric, P95));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }

    /** The first two columns to the left, figures to the right. */
    static String aligned(List<List<String>> rows) {
        var text = new StringBuilder();
        var columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (var column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (var row : rows) {
            var line = new StringBuilder();
            for (var column = 0; column < columns; column++) {
                var format = column < 2 ? "%-" + widths[column] + "s  " : "%" + widths[column] + "s  ";
                line.append(format.formatted(row.get(column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
