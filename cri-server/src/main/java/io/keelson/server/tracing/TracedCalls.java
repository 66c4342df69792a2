package io.keelson.server.tracing;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A span for each call, below the one that its caller names ({@code traceparent} of W3C's Trace Context). */
final class TracedCalls implements ServerInterceptor {
    private static final TextMapGetter<Metadata> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
            return headers.keys();
        }

        @Override
        public @Nullable String get(@Nullable Metadata headers, String key) {
            return headers == null ? null : headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
        }
    };

    private final Tracer tracer;
    private final Trail trail;
    private final Function<Object, Map<String, String>> ids;

    /** @param ids what a message names, by the attribute that says so */
    TracedCalls(Tracer tracer, Trail trail, Function<Object, Map<String, String>> ids) {
        this.tracer = tracer;
        this.trail = trail;
        this.ids = ids;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        var method = call.getMethodDescriptor();
        var span = tracer.spanBuilder(method.getFullMethodName())
                .setParent(W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS))
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("rpc.system", "grpc")
                .setAttribute("rpc.service", String.valueOf(method.getServiceName()))
                .setAttribute("rpc.method", String.valueOf(method.getBareMethodName()))
                .startSpan();
        if (!span.isRecording()) {
            return next.startCall(call, headers);
        }
        var traced = new TracedCall<>(call, new Branch(span), ids);
        return new TracedListener<>(next.startCall(traced, headers), traced, trail);
    }
}
