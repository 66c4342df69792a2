package io.keelson.server.metrics;

import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.Pod;
import io.keelson.pod.container.ContainerState;
import io.keelson.server.events.LifeReport;
import io.keelson.server.events.Subscription;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Counts how containers end, and how long the steps of pods' starts took, from what everybody is told of them. */
final class LifeMeters {
    private static final Set<String> REASONS = Set.of("Completed", "Error", "OOMKilled", "StartError");
    private static final String OTHER = "Other";
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;

    LifeMeters(MeterRegistry registry) {
        this.registry = registry;
        // So that the first of a kind is seen to be one more than none.
        REASONS.forEach(this::exits);
    }

    /** Right when it happens, so that nothing waits. */
    void hear(Subscription subscription) {
        for (var report = subscription.next(); report.isPresent(); report = subscription.next()) {
            count(report.get());
        }
    }

    private void count(LifeReport report) {
        if (report.change() == Change.STOPPED) {
            exit(report).ifPresent(reason -> exits(reason).increment());
        }
        if (report.change() == Change.STARTED) {
            report.pod().filter(pod -> pod.id().hex().equals(report.id())).ifPresent(this::started);
        }
    }

    private static Optional<String> exit(LifeReport report) {
        return report.containers().stream()
                .filter(container -> container.id().hex().equals(report.id()))
                .findFirst()
                .map(container ->
                        container.state() instanceof ContainerState.Exited exited && REASONS.contains(exited.reason())
                                ? exited.reason()
                                : OTHER);
    }

    private Counter exits(String reason) {
        return Counter.builder("keelson.container.exits")
                .description("Containers that ended, by the reason.")
                .tags("reason", reason)
                .register(registry);
    }

    private void started(Pod pod) {
        pod.startTimeline()
                .steps()
                .forEach((step, micros) -> Timer.builder("keelson.pod.start.step")
                        .description("How long each step of a pod's start took; total is all of them.")
                        .tags("step", step)
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry)
                        .record(Duration.ofNanos(micros * 1000)));
    }
}
