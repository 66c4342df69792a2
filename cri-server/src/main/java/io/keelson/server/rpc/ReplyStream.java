package io.keelson.server.rpc;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An answer of many messages. Each is made when the caller can take it, so that one who reads slowly costs no memory, and one who
 * went away no work. gRPC runs the methods one after the other.
 */
final class ReplyStream<R> {
    private final Attempt attempt;
    private final ServerCallStreamObserver<R> caller;
    private final Callable<Iterator<R>> work;
    private final AtomicLong operations;
    private @Nullable Iterator<R> messages;
    private boolean isOver;

    /** @param operations see {@link Calls#operations} */
    ReplyStream(
            Attempt attempt, ServerCallStreamObserver<R> caller, Callable<Iterator<R>> work, AtomicLong operations) {
        this.attempt = attempt;
        this.caller = caller;
        this.work = work;
        this.operations = operations;
    }

    /** The first message follows once the method that serves the call has returned. */
    void begin() {
        operations.incrementAndGet();
        caller.setOnReadyHandler(this::proceed);
        caller.setOnCancelHandler(this::end);
    }

    /** Sends what the caller can take now. */
    private void proceed() {
        if (isOver) {
            return;
        }
        try (var _ = new Interruption(Context.current())) {
            var left = messages == null ? work.call() : messages;
            messages = left;
            while (left.hasNext() && caller.isReady() && !caller.isCancelled()) {
                caller.onNext(left.next());
            }
            if (left.hasNext()) {
                return;
            }
        } catch (Throwable e) {
            end();
            caller.onError(StatusMapping.of(attempt, e).asRuntimeException());
            return;
        }
        end();
        caller.onCompleted();
    }

    private void end() {
        if (!isOver) {
            isOver = true;
            messages = null;
            operations.incrementAndGet();
        }
    }
}
