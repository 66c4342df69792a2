package io.keelson.server;

import io.keelson.server.config.Configuration;
import io.keelson.server.metrics.DaemonMetrics;
import io.keelson.server.tracing.Tracing;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the parts list that traces calls, where somebody collects that. */
final class TraceParts {
    private static final Logger log = LoggerFactory.getLogger(TraceParts.class);

    private TraceParts() {}

    static Optional<Tracing> start(Configuration configuration, Optional<DaemonMetrics> metrics, Parts parts) {
        var settings = configuration.tracing();
        var tracing = settings.collector()
                .map(collector -> parts.add(Tracing.start(
                        collector, settings.samplingRatePerMillion(), Version.current(), PodParts.hostname())));
        tracing.ifPresent(each -> {
            metrics.ifPresent(told -> told.counts(
                    "keelson.trace.spans",
                    "Spans of traces, by whether the collector has them, or they were lost: for want of room, or with a message that did not arrive.",
                    "outcome",
                    each.spans()));
            log.atInfo()
                    .addKeyValue("event", "tracing")
                    .addKeyValue("collector", settings.endpoint())
                    .log("traces calls");
        });
        return tracing;
    }
}
