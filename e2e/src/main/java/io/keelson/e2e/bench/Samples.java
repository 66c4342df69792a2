package io.keelson.e2e.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What was measured of one runtime. Any thread may add. */
final class Samples {
    private static final long PAUSE_MILLIS = 60;

    private final Map<Metric, List<Double>> byMetric = new EnumMap<>(Metric.class);

    /** A call that takes time and may fail. */
    interface Step<T> {
        T run() throws Exception;
    }

    synchronized void add(Metric metric, double value) {
        byMetric.computeIfAbsent(metric, _ -> new ArrayList<>()).add(value);
    }

    /**
     * Adds how long the step took, if it did not fail. It begins after a pause, so that it neither pays for what the step before
     * left to be done, nor gains from it: the kernel changes a second process's cgroup much faster just after a first.
     */
    <T> T time(Metric metric, Step<T> step) throws Exception {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        var begin = System.nanoTime();
        var result = step.run();
        add(metric, millis(System.nanoTime() - begin));
        return result;
    }

    /** Adds the sum of what was added last to each of the parts. */
    synchronized void addSum(Metric whole, Metric... parts) {
        var sum = 0.0;
        for (var part : parts) {
            sum += byMetric.getOrDefault(part, List.of()).getLast();
        }
        add(whole, sum);
    }

    static double millis(long nanos) {
        return nanos / 1e6;
    }

    synchronized boolean has(Metric metric) {
        return byMetric.containsKey(metric);
    }

    /** In the order in which they were added. */
    synchronized List<Double> values(Metric metric) {
        return List.copyOf(byMetric.getOrDefault(metric, List.of()));
    }

    synchronized int count(Metric metric) {
        return byMetric.getOrDefault(metric, List.of()).size();
    }

    /**
     * The smallest sample that is not below the given share of all ("nearest rank").
     *
     * @param share above 0, at most 1
     */
    double percentile(Metric metric, double share) {
        var values = values(metric);
        if (values.isEmpty()) {
            throw new IllegalStateException("no samples of " + metric.id);
        }
        return percentile(values, share);
    }

    /** The same of some values, of which there is at least one. */
    static double percentile(List<Double> values, double share) {
        var sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    double median(Metric metric) {
        return percentile(metric, 0.5);
    }
}
