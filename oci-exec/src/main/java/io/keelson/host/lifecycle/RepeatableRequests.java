package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Requests to make something under a name. The first one is carried out to its end, on a thread of its own and whether or not its
 * caller still waits; the same request, come meanwhile, waits for it as long as its own caller does, and has the same result.
 * Another request under the name is refused. What was made before is for the work to find.
 *
 * @param <N> the name
 * @param <Q> the request; two that are equal ask for the same
 * @param <R> what is made
 */
public final class RepeatableRequests<N, Q, R> implements AutoCloseable {
    /** What work that is interrupted at the end of the program has to take itself back; the next one does the rest. */
    private static final Duration PATIENCE_AT_END = Duration.ofSeconds(5);

    private record Outcome<Q, R>(Q request, R result) {}

    private final SingleFlight<N, Outcome<Q, R>> flights = SingleFlight.goingOn();
    private final Map<N, Q> underWay = new ConcurrentHashMap<>();

    /**
     * The result of the work, begun by this call or by an equal one that has not ended.
     *
     * @throws Failure ALREADY_EXISTS if a request that is not equal is being carried out, CANCELLED when interrupted; what the
     *     work throws reaches every caller
     */
    public R run(N name, Q request, Supplier<R> work) {
        var first = underWay.get(name);
        if (first != null) {
            requireEqual(first, request);
        }
        var outcome = flights.run(name, () -> carryOut(name, request, work));
        requireEqual(outcome.request(), request);
        return outcome.result();
    }

    private Outcome<Q, R> carryOut(N name, Q request, Supplier<R> work) {
        underWay.put(name, request);
        try {
            return new Outcome<>(request, work.get());
        } finally {
            underWay.remove(name);
        }
    }

    private static void requireEqual(Object first, Object request) {
        if (!first.equals(request)) {
            throw new Failure(
                    Failure.Kind.ALREADY_EXISTS, "one of this name, with a different configuration, is being made");
        }
    }

    /** Interrupts what is being carried out; its way back is waited for, within limits. */
    @Override
    public void close() {
        flights.interruptAll(Deadline.in(PATIENCE_AT_END));
    }
}
