package io.keelson.server.tracing;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import io.grpc.Status;

/** What a call does is done below its span. */
final class TracedListener<Q, R> extends SimpleForwardingServerCallListener<Q> {
    private final TracedCall<Q, R> call;
    private final Trail trail;

    TracedListener(ServerCall.Listener<Q> listener, TracedCall<Q, R> call, Trail trail) {
        super(listener);
        this.call = call;
        this.trail = trail;
    }

    @Override
    public void onMessage(Q message) {
        call.names(message);
        trail.within(call.branch(), () -> super.onMessage(message));
    }

    /** Where calls with one message are answered. */
    @Override
    public void onHalfClose() {
        trail.within(call.branch(), super::onHalfClose);
    }

    /** Where answers of many messages go on. */
    @Override
    public void onReady() {
        trail.within(call.branch(), super::onReady);
    }

    @Override
    public void onCancel() {
        call.over(Status.CANCELLED);
        super.onCancel();
    }
}
