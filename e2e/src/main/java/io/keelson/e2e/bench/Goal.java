package io.keelson.e2e.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a subject may add of its own to what it has done by others: taken sample by sample, since each has its own neighbours on the
 * machine.
 *
 * @param millis median of what it adds
 */
record Goal(Kind kind, double millis) {
    /** What is promised. */
    enum Kind {
        POD_START("pod-start-without-cni", "pod start without the CNI plugins", 15),
        CREATE_START("create-start-without-runtime", "container create + start without the runtime's own", 10);

        final String id;
        final String text;
        final double limitMillis;

        Kind(String id, String text, double limitMillis) {
            this.id = id;
            this.text = text;
            this.limitMillis = limitMillis;
        }
    }

    /** Those of which enough was measured. */
    static List<Goal> of(Subject subject) {
        var samples = subject.samples();
        return Arrays.stream(Kind.values())
                .flatMap(kind -> switch (kind) {
                    case POD_START ->
                        difference(
                                samples.values(Metric.POD_START),
                                subject.stages().getOrDefault("cni", List.of()))
                                .map(millis -> new Goal(kind, millis))
                                .stream();
                    case CREATE_START ->
                        difference(samples.values(Metric.CREATE_START), samples.values(Metric.BARE_CREATE_START))
                                .map(millis -> new Goal(kind, millis))
                                .stream();
                })
                .toList();
    }

    boolean isMet() {
        return millis <= kind.limitMillis;
    }

    /** A line for people. */
    String line() {
        return String.format(
                Locale.ROOT,
                "  %-50s %6.1f ms, at most %.0f: %s%n",
                kind.text,
                millis,
                kind.limitMillis,
                isMet() ? "met" : "missed");
    }

    private static Optional<Double> difference(List<Double> whole, List<Double> part) {
        var differences = new ArrayList<Double>();
        for (var i = 0; i < Math.min(whole.size(), part.size()); i++) {
            differences.add(whole.get(i) - part.get(i));
        }
        return differences.isEmpty() ? Optional.empty() : Optional.of(Samples.percentile(differences, 0.5));
    }
}
