package io.keelson.server.tracing;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** A call with its span, which ends with it: by its answer, or by its caller. */
final class TracedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    /** Those that are a server's fault, by OpenTelemetry's conventions. */
    private static final Set<Status.Code> ERRORS = Set.of(
            Status.Code.UNKNOWN,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.UNIMPLEMENTED,
            Status.Code.INTERNAL,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS);

    private final Branch branch;
    private final Function<Object, Map<String, String>> ids;

    TracedCall(ServerCall<Q, R> call, Branch branch, Function<Object, Map<String, String>> ids) {
        super(call);
        this.branch = branch;
        this.ids = ids;
    }

    Branch branch() {
        return branch;
    }

    void names(Object message) {
        ids.apply(message).forEach(branch.span()::setAttribute);
    }

    void over(Status status) {
        var span = branch.span();
        span.setAttribute("rpc.grpc.status_code", status.getCode().value());
        if (ERRORS.contains(status.getCode())) {
            span.setStatus(StatusCode.ERROR, String.valueOf(status.getDescription()));
        }
        branch.end();
    }

    @Override
    public void sendMessage(R message) {
        if (getMethodDescriptor().getType().serverSendsOneMessage()) {
            names(message);
        }
        super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
        over(status);
        super.close(status, trailers);
    }
}
