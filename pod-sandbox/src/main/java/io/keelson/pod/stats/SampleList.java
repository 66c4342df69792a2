package io.keelson.pod.stats;

import io.keelson.pod.stats.MetricKind.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Samples as they are taken. What the kernel does not count makes none. For one thread. */
final class SampleList {
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private final List<Sample> samples = new ArrayList<>();

    void add(MetricKind kind, long value, String... ownLabels) {
        samples.add(kind.is(value, ownLabels));
    }

    void add(MetricKind kind, OptionalLong value, String... ownLabels) {
        if (value.isPresent()) {
            add(kind, value.getAsLong(), ownLabels);
        }
    }

    /** In seconds, without what is left of the last one. */
    void addNanos(MetricKind kind, OptionalLong nanos, String... ownLabels) {
        if (nanos.isPresent()) {
            add(kind, nanos.getAsLong() / SECOND_NANOS, ownLabels);
        }
    }

    /** Unless it is zero, or a word for nothing below that. */
    void addPositive(MetricKind kind, long value) {
        if (value > 0) {
            add(kind, value);
        }
    }

    List<Sample> toList() {
        return samples;
    }
}
