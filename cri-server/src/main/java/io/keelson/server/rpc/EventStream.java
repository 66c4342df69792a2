package io.keelson.server.rpc;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.events.Subscription;
import java.util.concurrent.Executor;

/** What happens, sent to one caller as fast as it reads, until it goes, falls too far behind, or the daemon ends. */
final class EventStream {
    private final ServerCallStreamObserver<ContainerEventResponse> caller;
    private final Executor oneAfterAnother = MoreExecutors.newSequentialExecutor(Thread::startVirtualThread);
    private boolean isOver;

    private EventStream(ServerCallStreamObserver<ContainerEventResponse> caller) {
        this.caller = caller;
    }

    /** Every change after the return of this is told. */
    static void begin(ServerCallStreamObserver<ContainerEventResponse> caller, LifeEvents events) {
        var stream = new EventStream(caller);
        var subscription = events.subscribe(stream::wake);
        caller.setOnReadyHandler(() -> stream.wake(subscription));
        caller.setOnCancelHandler(subscription::close);
    }

    private void wake(Subscription subscription) {
        oneAfterAnother.execute(() -> proceed(subscription));
    }

    private void proceed(Subscription subscription) {
        if (isOver) {
            return;
        }
        switch (subscription.state()) {
            case OPEN -> sendWhatWaits(subscription);
            case OVERRUN ->
                end(
                        subscription,
                        Status.RESOURCE_EXHAUSTED.withDescription(
                                "cannot tell more events: the caller does not read them, and "
                                        + Subscription.MOST_WAITING + " wait; list, and ask for events again"));
            case FINISHED ->
                end(subscription, Status.UNAVAILABLE.withDescription("cannot tell more events: the daemon ends"));
        }
    }

    private void sendWhatWaits(Subscription subscription) {
        while (caller.isReady()) {
            var report = subscription.next();
            if (report.isEmpty()) {
                return;
            }
            caller.onNext(Events.response(report.get()));
        }
    }

    private void end(Subscription subscription, Status status) {
        isOver = true;
        subscription.close();
        caller.onError(status.asRuntimeException());
    }
}
