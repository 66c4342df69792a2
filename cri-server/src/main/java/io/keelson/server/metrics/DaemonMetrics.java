package io.keelson.server.metrics;

import io.grpc.ServerInterceptor;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.linux.BlockingCalls;
import io.keelson.image.transfer.PullTimeline;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.events.Subscription;
import io.keelson.server.http.Page;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What this daemon does, as Prometheus asks for it. Names begin with {@code keelson_}, have base units, and labels with few values:
 * names of calls, states and steps, and nothing that comes from outside.
 */
public final class DaemonMetrics implements AutoCloseable {
    /** Of the text that Prometheus reads. */
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CallMeters calls = new CallMeters(registry);
    private final WorkMeters work = new WorkMeters(registry);
    private final PullMeters pulls = new PullMeters(registry);

    public DaemonMetrics(String version) {
        Gauge.builder("keelson.version", () -> 1)
                .description("The version that runs; always 1.")
                .tags("version", version)
                .register(registry);
        ProcessMeters.register(registry);
    }

    /** Hears of calls of plugins, runtimes and registries, and of pulls. */
    public WorkListener work() {
        return work;
    }

    /** Hears of every pull that succeeded. */
    public Consumer<PullTimeline> pulls() {
        return pulls::ended;
    }

    /** Sees every call. */
    public ServerInterceptor calls() {
        return calls;
    }

    /**
     * How many there are of each kind.
     *
     * @param count asked with every scrape
     */
    public void states(String name, String help, Map<String, LongSupplier> count) {
        numbers(name, help, "state", count);
    }

    /**
     * How many there are now of each of several.
     *
     * @param label that says of which
     */
    public void numbers(String name, String help, String label, Map<String, LongSupplier> now) {
        now.forEach((value, number) -> Gauge.builder(name, number::getAsLong)
                .description(help)
                .tags(Tags.of(label, value))
                .register(registry));
    }

    /** How often each of several things has happened; with an empty label, one thing. */
    public void counts(String name, String help, String label, Map<String, LongSupplier> sinceStart) {
        sinceStart.forEach((value, number) -> FunctionCounter.builder(name, number, LongSupplier::getAsLong)
                .description(help)
                .tags(label.isEmpty() ? Tags.empty() : Tags.of(label, value))
                .register(registry));
    }

    public void bytes(String name, String help, LongSupplier bytes) {
        Gauge.builder(name, bytes::getAsLong)
                .description(help)
                .baseUnit("bytes")
                .register(registry);
    }

    /** Counts what happens to pods and containers, for as long as it is open. */
    public Subscription listen(LifeEvents events) {
        return events.subscribe(new LifeMeters(registry)::hear);
    }

    public Supplier<Page> page() {
        return () -> new Page(200, TYPE, text().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * On a platform thread: the page goes through a BufferedWriter, whose buffer on a virtual thread begins small and grows with every
     * word, by as much as that needs. A page of 24 KiB copied 16 MiB.
     */
    private String text() {
        return BlockingCalls.call(() -> registry.scrape(TYPE));
    }

    @Override
    public void close() {
        registry.close();
    }
}
