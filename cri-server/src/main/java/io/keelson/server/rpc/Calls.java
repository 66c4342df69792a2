package io.keelson.server.rpc;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one call is answered: its work runs on the call's own virtual thread, which is interrupted when the caller cancels or its
 * deadline passes; a failure becomes a status. Also counts what begins and ends, by which others see that nothing happens.
 */
public final class Calls {
    private static final Logger log = LoggerFactory.getLogger(Calls.class);
    private final AtomicLong operations = new AtomicLong();

    /** Grows with every call that begins and with every one that ends. */
    public long operations() {
        return operations.get();
    }

    /** For calls without side effects. */
    <R extends Message> void reply(Attempt attempt, StreamObserver<R> response, Callable<R> work) {
        answer(attempt, response, work);
    }

    /** For answers of many messages, without side effects. */
    <R extends Message> void stream(Attempt attempt, StreamObserver<R> response, Callable<Iterator<R>> work) {
        new ReplyStream<>(attempt, (ServerCallStreamObserver<R>) response, work, operations).begin();
    }

    /** For calls that change something: each is one event in the log, with what it was about and how long it took. */
    <R extends Message> void change(String call, Attempt attempt, StreamObserver<R> response, Callable<R> work) {
        var start = System.nanoTime();
        var failed = answer(attempt, response, work);
        (failed == null
                        ? log.atInfo()
                        : log.atWarn().addKeyValue("code", failed.getStatus().getCode()))
                .addKeyValue("event", "call")
                .addKeyValue("call", call)
                .addKeyValue("about", attempt.shown())
                .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
                .log(failed == null ? "ok" : String.valueOf(failed.getStatus().getDescription()));
    }

    private <R extends Message> @Nullable StatusRuntimeException answer(
            Attempt attempt, StreamObserver<R> response, Callable<R> work) {
        operations.incrementAndGet();
        R reply;
        try (var _ = new Interruption(Context.current())) {
            reply = work.call();
        } catch (Throwable e) {
            var status = StatusMapping.of(attempt, e).asRuntimeException();
            response.onError(status);
            return status;
        } finally {
            operations.incrementAndGet();
        }
        response.onNext(reply);
        response.onCompleted();
        return null;
    }
}
