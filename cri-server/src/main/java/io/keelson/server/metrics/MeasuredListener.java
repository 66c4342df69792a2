package io.keelson.server.metrics;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import io.grpc.Status;

/** Hears of callers who leave. */
final class MeasuredListener<Q, R> extends SimpleForwardingServerCallListener<Q> {
    private final CallMeters.MeasuredCall<Q, R> call;

    MeasuredListener(ServerCall.Listener<Q> listener, CallMeters.MeasuredCall<Q, R> call) {
        super(listener);
        this.call = call;
    }

    @Override
    public void onCancel() {
        call.over(Status.Code.CANCELLED);
        super.onCancel();
    }
}
