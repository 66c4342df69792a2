package io.keelson.server.metrics;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** How long calls take, how they end, and how many are under way. */
final class CallMeters implements ServerInterceptor {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60)
    };

    private record Kind(String method, Status.Code code) {}

    private final MeterRegistry registry;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    CallMeters(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("keelson.grpc.calls.in.flight", inFlight::get)
                .description("Calls under way.")
                .register(registry);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        var begin = System.nanoTime();
        var method = String.valueOf(call.getMethodDescriptor().getBareMethodName());
        inFlight.incrementAndGet();
        var measured = new MeasuredCall<>(call, code -> ended(new Kind(method, code), begin));
        return new MeasuredListener<>(next.startCall(measured, headers), measured);
    }

    private void ended(Kind kind, long begin) {
        inFlight.decrementAndGet();
        timers.computeIfAbsent(kind, this::timer).record(Duration.ofNanos(System.nanoTime() - begin));
    }

    private Timer timer(Kind kind) {
        return Timer.builder("keelson.grpc.calls")
                .description("How long calls took, by how they ended.")
                .tags("method", kind.method(), "code", kind.code().name())
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    /** Ends once: by its answer, or by its caller. */
    static final class MeasuredCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final AtomicBoolean isOver = new AtomicBoolean();
        private final Consumer<Status.Code> end;

        MeasuredCall(ServerCall<Q, R> call, Consumer<Status.Code> end) {
            super(call);
            this.end = end;
        }

        void over(Status.Code code) {
            if (isOver.compareAndSet(false, true)) {
                end.accept(code);
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            over(status.getCode());
            super.close(status, trailers);
        }
    }
}
