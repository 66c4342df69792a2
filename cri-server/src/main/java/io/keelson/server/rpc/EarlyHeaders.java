package io.keelson.server.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Answers of many messages begin at once, with their headers, and not with the first message: a caller who waits for the headers knows
 * that it is subscribed.
 */
final class EarlyHeaders implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (call.getMethodDescriptor().getType() != MethodType.SERVER_STREAMING) {
            return next.startCall(call, headers);
        }
        var early = new EarlyCall<>(call);
        return new SimpleForwardingServerCallListener<>(next.startCall(early, headers)) {
            @Override
            public void onHalfClose() {
                super.onHalfClose();
                early.sendHeaders(new Metadata());
            }
        };
    }

    /** Messages may be sent on another thread by now; whoever is first sends the headers. */
    private static final class EarlyCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private boolean isBegun;

        EarlyCall(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!isBegun) {
                isBegun = true;
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            isBegun = true;
            super.close(status, trailers);
        }
    }
}
