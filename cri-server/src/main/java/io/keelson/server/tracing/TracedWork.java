package io.keelson.server.tracing;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A span for each piece of work below a span that is open. What the daemon does by itself is not traced. */
final class TracedWork implements WorkListener {
    private final Tracer tracer;
    private final Trail trail;

    /** What others may come to wait for. */
    private final Map<Work, Branch> shared = new ConcurrentHashMap<>();

    TracedWork(Tracer tracer, Trail trail) {
        this.tracer = tracer;
        this.trail = trail;
    }

    @Override
    public Ending begin(Work work) {
        var above = trail.current();
        if (!above.isOpen()) {
            return _ -> {};
        }
        var branch = new Branch(span(work).setParent(above.context()).startSpan());
        shared.putIfAbsent(work, branch);
        trail.go(branch);
        return failure -> {
            trail.go(above);
            shared.remove(work, branch);
            end(branch, failure);
        };
    }

    private SpanBuilder span(Work work) {
        return switch (work.kind()) {
            case PLUGIN ->
                tracer.spanBuilder("plugin " + work.who() + " " + work.verb())
                        .setAttribute("keelson.plugin", work.who())
                        .setAttribute("keelson.plugin.command", work.verb());
            case RUNTIME ->
                tracer.spanBuilder("runtime " + work.who() + " " + work.verb())
                        .setAttribute("keelson.runtime", work.who())
                        .setAttribute("keelson.runtime.command", work.verb());
            case REGISTRY ->
                tracer.spanBuilder("registry " + work.verb())
                        .setSpanKind(SpanKind.CLIENT)
                        .setAttribute("server.address", work.who())
                        .setAttribute("http.request.method", work.verb());
            case PULL -> tracer.spanBuilder("pull").setAttribute("container.image.name", work.who());
            case STEP -> tracer.spanBuilder(work.verb()).setAttribute("keelson.of", work.who());
        };
    }

    private static void end(Branch branch, Optional<Failure> failure) {
        failure.ifPresent(why -> branch.span().setStatus(StatusCode.ERROR, String.valueOf(why.getMessage())));
        branch.end();
    }

    /** The work is in the trace of who began it; who waits for it has a link there. */
    @Override
    public void joined(Work work) {
        var there = shared.getOrDefault(work, Branch.NONE);
        if (there.isOpen()) {
            trail.current().span().addLink(there.span().getSpanContext());
        }
    }
}
