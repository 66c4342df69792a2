package io.keelson.server.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;

/** A span as threads hold it below which others may begin. Once it has ended nothing of it is left. */
final class Branch {
    /** Where nothing is traced. */
    static final Branch NONE = new Branch(Span.getInvalid());

    private volatile Span span;

    Branch(Span span) {
        this.span = span;
    }

    boolean isOpen() {
        return span.isRecording();
    }

    /** For the builder of a span below this one. */
    Context context() {
        return Context.root().with(span);
    }

    /** The span; one that takes nothing after the end. */
    Span span() {
        return span;
    }

    /** Once more does nothing. */
    void end() {
        var ended = span;
        span = Span.getInvalid();
        ended.end();
    }
}
