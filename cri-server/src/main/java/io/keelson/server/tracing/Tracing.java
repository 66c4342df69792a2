package io.keelson.server.tracing;

import io.grpc.ServerInterceptor;
import io.keelson.host.lifecycle.WorkListener;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What sees calls and hears of work, and makes traces of it.
 *
 * @param calls a span for each call, in the caller's trace if it brings one
 * @param work a span for each piece of work that a traced call takes
 * @param spans how many there were, by what became of them
 * @param end sends what is left, within a second
 */
public record Tracing(ServerInterceptor calls, WorkListener work, Map<String, LongSupplier> spans, Runnable end)
        implements AutoCloseable {
    /**
     * Sends to the collector until it is closed, if it can be reached or not.
     *
     * @param samplingRatePerMillion of calls without a trace of their caller
     * @param version of this daemon
     * @param host the node's name
     */
    public static Tracing start(Collector collector, int samplingRatePerMillion, String version, String host) {
        return TracingParts.assemble(collector, samplingRatePerMillion, version, host);
    }

    @Override
    public void close() {
        end.run();
    }
}
