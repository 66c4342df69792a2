package io.keelson.server.rpc;

import io.keelson.pod.LifeListener.Change;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.server.events.LifeReport;

/** Between CRI's container events, which are about pods too, and our reports. */
final class Events {
    private Events() {}

    static ContainerEventResponse response(LifeReport report) {
        var response = ContainerEventResponse.newBuilder()
                .setContainerId(report.id())
                .setContainerEventType(type(report.change()))
                .setCreatedAt(Times.nanos(report.at()));
        report.pod().ifPresent(pod -> response.setPodSandboxStatus(Pods.status(pod)));
        report.containers().forEach(container -> response.addContainersStatuses(Containers.status(container)));
        return response.build();
    }

    private static ContainerEventType type(Change change) {
        return switch (change) {
            case CREATED -> ContainerEventType.CONTAINER_CREATED_EVENT;
            case STARTED -> ContainerEventType.CONTAINER_STARTED_EVENT;
            case STOPPED -> ContainerEventType.CONTAINER_STOPPED_EVENT;
            case DELETED -> ContainerEventType.CONTAINER_DELETED_EVENT;
        };
    }
}
