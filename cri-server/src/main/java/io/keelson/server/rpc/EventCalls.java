package io.keelson.server.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.GetEventsRequest;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.server.events.LifeEvents;

/** What happens to pods and containers. */
final class EventCalls extends RuntimeServiceImplBase {
    private final LifeEvents events;

    EventCalls(LifeEvents events) {
        this.events = events;
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> response) {
        EventStream.begin((ServerCallStreamObserver<ContainerEventResponse>) response, events);
    }
}
