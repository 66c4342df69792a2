package io.keelson.server.tracing;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A collector that does not take spans: said once in a while, and not by OpenTelemetry as well. */
final class SilentCollector {
    private static final Logger log = LoggerFactory.getLogger(SilentCollector.class);
    static final Duration BETWEEN = Duration.ofMinutes(10);

    /** Held, because java.util.logging forgets loggers that nobody holds, and their levels with them. */
    private static final java.util.logging.Logger EXPORTERS =
            java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

    private final String collector;
    private final Supplier<String> why;
    private final LongSupplier nanoTime;
    private boolean hasComplained;
    private long complainedAt;

    SilentCollector(String collector, Supplier<String> why, LongSupplier nanoTime) {
        this.collector = collector;
        this.why = why;
        this.nanoTime = nanoTime;
        EXPORTERS.setLevel(Level.OFF);
    }

    /** @param lost so far */
    void complain(long lost) {
        var now = nanoTime.getAsLong();
        if (hasComplained && now - complainedAt < BETWEEN.toNanos()) {
            return;
        }
        hasComplained = true;
        complainedAt = now;
        log.atWarn()
                .addKeyValue("event", "spans-lost")
                .addKeyValue("collector", collector)
                .addKeyValue("lost", lost)
                .log("cannot send spans to {}: {}", collector, why.get());
    }
}
