package io.keelson.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is promised. What a subject may add of its own to what it has done by others is taken sample by sample, since each has its
 * own neighbours on the machine; what is to be below a peer's is compared by medians of the same run.
 *
 * @param millis median of what was measured
 * @param limitMillis what it has to stay within
 */
record Goal(String id, String text, double millis, double limitMillis) {
    private static final double POD_START_LIMIT_MILLIS = 15;
    private static final double CREATE_START_LIMIT_MILLIS = 10;
    private static final double EXEC_LIMIT_RATIO = 1.3;

    /** Those of which enough was measured. */
    static List<Goal> of(Subject subject, List<Subject> peers) {
        var samples = subject.samples();
        var podStart = difference(
                        samples.values(Metric.POD_START), subject.stages().getOrDefault("cni", List.of()))
                .map(millis -> new Goal(
                        "pod-start-without-cni", "pod start without the CNI plugins", millis, POD_START_LIMIT_MILLIS));
        var createStart = difference(samples.values(Metric.CREATE_START), samples.values(Metric.BARE_CREATE_START))
                .map(millis -> new Goal(
                        "create-start-without-runtime",
                        "container create + start without the runtime's own",
                        millis,
                        CREATE_START_LIMIT_MILLIS));
        var exec = Stream.of(samples)
                .filter(some -> some.has(Metric.EXEC) && some.has(Metric.BARE_EXEC))
                .map(some -> exec(some.median(Metric.EXEC), some.median(Metric.BARE_EXEC)));
        var scratch = peers.stream()
                .filter(peer -> samples.has(Metric.SCRATCH) && peer.samples().has(Metric.SCRATCH))
                .map(peer -> new Goal(
                        "critest-scratch-" + peer.name(),
                        "critest: a container from scratch, as " + peer.name(),
                        samples.median(Metric.SCRATCH),
                        peer.samples().median(Metric.SCRATCH)));
        return Stream.of(podStart.stream(), createStart.stream(), exec, scratch)
                .flatMap(goals -> goals)
                .toList();
    }

    private static Goal exec(double millis, double bareMillis) {
        return new Goal(
                "exec-by-runtime",
                String.format(Locale.ROOT, "ExecSync of true, %.2f × the runtime's own", millis / bareMillis),
                millis,
                EXEC_LIMIT_RATIO * bareMillis);
    }

    boolean isMet() {
        return millis <= limitMillis;
    }

    /** A line for people. */
    String line() {
        return String.format(
                Locale.ROOT,
                "  %-50s %6.1f ms, at most %.0f: %s%n",
                text,
                millis,
                limitMillis,
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
