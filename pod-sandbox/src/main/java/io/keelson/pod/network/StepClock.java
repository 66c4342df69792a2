package io.keelson.pod.network;

import java.time.Duration;
import java.util.function.BiConsumer;

/** Tells a timeline how long each step took, one after the other. */
final class StepClock {
    private final BiConsumer<String, Duration> timeline;
    private long sinceNanos = System.nanoTime();

    StepClock(BiConsumer<String, Duration> timeline) {
        this.timeline = timeline;
    }

    void ended(String step) {
        var now = System.nanoTime();
        timeline.accept(step, Duration.ofNanos(now - sinceNanos));
        sinceNanos = now;
    }
}
