package io.keelson.server.tracing;

import io.keelson.server.rpc.CallIds;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Map;

/** Puts OpenTelemetry together. */
final class TracingParts {
    private static final double MILLION = 1_000_000;

    /** Of a name or a message in a span; paths and references may be longer. */
    private static final int LONGEST_VALUE = 256;

    private static final Duration AT_THE_END = Duration.ofSeconds(1);

    private TracingParts() {}

    static Tracing assemble(Collector collector, int samplingRatePerMillion, String version, String host) {
        var channel = CollectorChannel.to(collector);
        var complaints = new SilentCollector(collector.place().toString(), channel::lastEnd, System::nanoTime);
        var sender = SpanSender.start(exporter(channel), channel::connect, complaints::complain);
        var provider = SdkTracerProvider.builder()
                .setResource(resource(version, host))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(samplingRatePerMillion / MILLION)))
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(LONGEST_VALUE)
                        .build())
                .addSpanProcessor(sender)
                .build();
        var tracer = provider.get("io.keelson", version);
        var trail = new Trail();
        return new Tracing(
                new TracedCalls(tracer, trail, CallIds::of),
                new TracedWork(tracer, trail),
                Map.of("sent", sender::sent, "lost", sender::lost),
                () -> {
                    sender.end(AT_THE_END);
                    channel.close();
                });
    }

    /** A channel of our own is the one way to a Unix socket; it was deprecated for those who do not want to see gRPC's classes. */
    @SuppressWarnings("deprecation")
    private static SpanExporter exporter(CollectorChannel channel) {
        return OtlpGrpcSpanExporter.builder()
                .setChannel(channel.channel())
                .setTimeout(SpanSender.PATIENCE)
                .setRetryPolicy(null)
                .build();
    }

    private static Resource resource(String version, String host) {
        return Resource.getDefault()
                .merge(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "keelson",
                        AttributeKey.stringKey("service.version"),
                        version,
                        AttributeKey.stringKey("host.name"),
                        host)));
    }
}
