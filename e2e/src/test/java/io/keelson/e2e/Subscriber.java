package io.keelson.e2e;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.keelson.e2e.node.Cri;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.GetEventsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** Somebody who is told what happens, from the moment at which it is made. */
final class Subscriber implements AutoCloseable, ClientResponseObserver<GetEventsRequest, ContainerEventResponse> {
    private final List<ContainerEventResponse> heard = new ArrayList<>();
    private ClientCallStreamObserver<GetEventsRequest> call;
    private Status end;

    private Subscriber() {}

    static Subscriber of(Cri cri) {
        var headers = new AtomicReference<Metadata>();
        var subscriber = new Subscriber();
        cri.events()
                .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
                .getContainerEvents(GetEventsRequest.getDefaultInstance(), subscriber);
        Awaitility.await("the headers of an event stream").until(() -> headers.get() != null);
        return subscriber;
    }

    /** All that was heard, once this has been. */
    List<ContainerEventResponse> await(String id, ContainerEventType type) {
        Awaitility.await(type + " of " + id)
                .atMost(Requests.DEADLINE)
                .until(() -> heard().stream()
                        .anyMatch(event -> event.getContainerId().equals(id) && event.getContainerEventType() == type));
        return heard();
    }

    synchronized List<ContainerEventResponse> heard() {
        return List.copyOf(heard);
    }

    /** How it ended; null if it has not. */
    synchronized Status end() {
        return end;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GetEventsRequest> stream) {
        call = stream;
    }

    @Override
    public synchronized void onNext(ContainerEventResponse event) {
        heard.add(event);
    }

    @Override
    public synchronized void onError(Throwable thrown) {
        end = thrown instanceof StatusRuntimeException refusal ? refusal.getStatus() : Status.fromThrowable(thrown);
    }

    @Override
    public synchronized void onCompleted() {
        end = Status.OK;
    }

    @Override
    public void close() {
        call.cancel("enough", null);
    }
}
