package io.keelson.server.metrics;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How often programs, registries and pulls were needed, how long they took, and how they ended. */
final class WorkMeters implements WorkListener {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60)
    };
    private static final String OK = "ok";
    private static final String OUTCOME = "outcome";

    private record Series(Kind kind, String who, String verb, String outcome) {}

    private final MeterRegistry registry;
    private final Map<Series, Timer> timers = new ConcurrentHashMap<>();

    WorkMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Ending begin(Work work) {
        if (work.kind() == Kind.STEP) {
            // Counted with what they are of.
            return _ -> {};
        }
        var begin = System.nanoTime();
        return failure -> ended(work, failure, Duration.ofNanos(System.nanoTime() - begin));
    }

    private void ended(Work work, Optional<Failure> failure, Duration took) {
        var outcome =
                failure.map(each -> each.kind().name().toLowerCase(Locale.ROOT)).orElse(OK);
        // Addresses and references come from outside, and there is no end of them.
        var who = work.kind() == Kind.PLUGIN || work.kind() == Kind.RUNTIME ? work.who() : "";
        timers.computeIfAbsent(new Series(work.kind(), who, work.verb(), outcome), this::timer)
                .record(took);
    }

    private Timer timer(Series series) {
        var outcome = Tags.of(OUTCOME, series.outcome());
        return switch (series.kind()) {
            case PLUGIN ->
                timer(
                        "keelson.cni.calls",
                        "How long network plugins took, by how they ended.",
                        outcome.and("plugin", series.who(), "command", series.verb()));
            case RUNTIME ->
                timer(
                        "keelson.runtime.calls",
                        "How long OCI runtimes took, by how they ended.",
                        outcome.and("runtime", series.who(), "verb", series.verb()));
            case REGISTRY ->
                timer(
                        "keelson.registry.requests",
                        "How long registries took to begin an answer, by how that ended.",
                        outcome.and("method", series.verb()));
            case PULL -> timer("keelson.image.pulls", "How long pulls took, by how they ended.", outcome);
            case STEP -> throw new IllegalArgumentException("not counted here: " + series);
        };
    }

    private Timer timer(String name, String help, Tags tags) {
        return Timer.builder(name)
                .description(help)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
