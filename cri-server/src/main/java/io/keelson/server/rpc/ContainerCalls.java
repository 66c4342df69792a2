package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.pod.PodCatalog;
import io.keelson.proto.ContainerStatusRequest;
import io.keelson.proto.ContainerStatusResponse;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.CreateContainerResponse;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListContainersResponse;
import io.keelson.proto.RemoveContainerRequest;
import io.keelson.proto.RemoveContainerResponse;
import io.keelson.proto.ReopenContainerLogRequest;
import io.keelson.proto.ReopenContainerLogResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StartContainerResponse;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopContainerResponse;
import io.keelson.proto.StreamContainersRequest;
import io.keelson.proto.StreamContainersResponse;
import io.keelson.proto.UpdateContainerResourcesRequest;
import io.keelson.proto.UpdateContainerResourcesResponse;
import io.keelson.server.rpc.RuntimeCalls.ContainerVerbs;

/** Containers. */
final class ContainerCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final PodCatalog pods;
    private final ContainerVerbs containers;

    ContainerCalls(Calls calls, PodCatalog pods, ContainerVerbs containers) {
        this.calls = calls;
        this.pods = pods;
        this.containers = containers;
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> response) {
        calls.change(
                "CreateContainer",
                Attempt.to(
                        "create container",
                        request.getConfig().getMetadata().getName() + " in pod " + request.getPodSandboxId()),
                response,
                () -> CreateContainerResponse.newBuilder()
                        .setContainerId(containers
                                .creator()
                                .create(
                                        pods.get(Pods.id(request.getPodSandboxId()))
                                                .id(),
                                        Containers.config(request.getConfig()))
                                .hex())
                        .build());
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> response) {
        calls.change("StartContainer", Attempt.to("start container", request.getContainerId()), response, () -> {
            containers
                    .starter()
                    .start(containers
                            .catalog()
                            .get(Containers.id(request.getContainerId()))
                            .id());
            return StartContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> response) {
        calls.change("StopContainer", Attempt.to("stop container", request.getContainerId()), response, () -> {
            var grace = Times.seconds(request.getTimeout());
            containers
                    .catalog()
                    .find(Containers.id(request.getContainerId()))
                    .ifPresent(container -> containers.stopper().stop(container.id(), grace));
            return StopContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> response) {
        calls.change("RemoveContainer", Attempt.to("remove container", request.getContainerId()), response, () -> {
            containers
                    .catalog()
                    .find(Containers.id(request.getContainerId()))
                    .ifPresent(container -> containers.remover().accept(container.id()));
            return RemoveContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> response) {
        calls.reply(
                Attempt.to("tell the status of container", request.getContainerId()),
                response,
                () -> Containers.response(
                        containers.catalog(),
                        containers.catalog().get(Containers.id(request.getContainerId())),
                        request.getVerbose()));
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> response) {
        calls.reply(
                Attempt.to("list containers"),
                response,
                () -> Containers.list(containers.catalog().list(Containers.filter(request.getFilter()))));
    }

    @Override
    public void streamContainers(StreamContainersRequest request, StreamObserver<StreamContainersResponse> response) {
        calls.stream(
                Attempt.to("list containers"),
                response,
                () -> Containers.stream(containers.catalog().list(Containers.filter(request.getFilter()))));
    }

    /** Annotations of the request are for plugins, of which there are none; those of the container stay. */
    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> response) {
        var attempt = Attempt.to("change the limits of container", request.getContainerId());
        calls.change("UpdateContainerResources", attempt, response, () -> {
            containers
                    .updater()
                    .update(
                            containers
                                    .catalog()
                                    .get(Containers.id(request.getContainerId()))
                                    .id(),
                            Resources.of(request.getLinux()));
            return UpdateContainerResourcesResponse.getDefaultInstance();
        });
    }

    @Override
    public void reopenContainerLog(
            ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> response) {
        calls.change(
                "ReopenContainerLog",
                Attempt.to("reopen the log of container", request.getContainerId()),
                response,
                () -> {
                    containers
                            .logs()
                            .reopen(containers
                                    .catalog()
                                    .get(Containers.id(request.getContainerId()))
                                    .id());
                    return ReopenContainerLogResponse.getDefaultInstance();
                });
    }
}
