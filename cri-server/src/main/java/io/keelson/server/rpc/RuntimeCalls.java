package io.keelson.server.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodRemover;
import io.keelson.pod.PodStarter;
import io.keelson.pod.PodStopper;
import io.keelson.pod.PodUpdater;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerCreator;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerLogs;
import io.keelson.pod.container.ContainerRemover;
import io.keelson.pod.container.ContainerStarter;
import io.keelson.pod.container.ContainerStopper;
import io.keelson.pod.container.ContainerUpdater;
import io.keelson.pod.container.ExecSync;
import io.keelson.pod.stats.PodUsageReader;
import io.keelson.pod.stats.UsageReader;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.AttachResponse;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.ContainerStatsResponse;
import io.keelson.proto.ContainerStatusRequest;
import io.keelson.proto.ContainerStatusResponse;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.CreateContainerResponse;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecResponse;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.GetEventsRequest;
import io.keelson.proto.ListContainerStatsRequest;
import io.keelson.proto.ListContainerStatsResponse;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListContainersResponse;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxResponse;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.ListPodSandboxStatsResponse;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PodSandboxStatsResponse;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PodSandboxStatusResponse;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.PortForwardResponse;
import io.keelson.proto.RemoveContainerRequest;
import io.keelson.proto.RemoveContainerResponse;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.RemovePodSandboxResponse;
import io.keelson.proto.ReopenContainerLogRequest;
import io.keelson.proto.ReopenContainerLogResponse;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.RunPodSandboxResponse;
import io.keelson.proto.RuntimeConfigRequest;
import io.keelson.proto.RuntimeConfigResponse;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StartContainerResponse;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StatusResponse;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopContainerResponse;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.StopPodSandboxResponse;
import io.keelson.proto.StreamContainerStatsRequest;
import io.keelson.proto.StreamContainerStatsResponse;
import io.keelson.proto.StreamContainersRequest;
import io.keelson.proto.StreamContainersResponse;
import io.keelson.proto.StreamPodSandboxStatsRequest;
import io.keelson.proto.StreamPodSandboxStatsResponse;
import io.keelson.proto.StreamPodSandboxesRequest;
import io.keelson.proto.StreamPodSandboxesResponse;
import io.keelson.proto.UpdateContainerResourcesRequest;
import io.keelson.proto.UpdateContainerResourcesResponse;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import io.keelson.proto.UpdatePodSandboxResourcesResponse;
import io.keelson.proto.UpdateRuntimeConfigRequest;
import io.keelson.proto.UpdateRuntimeConfigResponse;
import io.keelson.proto.VersionRequest;
import io.keelson.proto.VersionResponse;
import io.keelson.server.events.LifeEvents;
import java.time.Instant;

/** Pods and containers: the table of contents. A call that is not here answers UNIMPLEMENTED. */
public final class RuntimeCalls extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    /** What can be done with pods. */
    public record PodVerbs(
            PodCatalog catalog,
            PodStarter starter,
            PodStopper stopper,
            PodRemover remover,
            PodUsageReader usage,
            PodUpdater updater) {}

    /** What can be done with containers. */
    public record ContainerVerbs(
            ContainerCatalog catalog,
            ContainerCreator creator,
            ContainerStarter starter,
            ContainerStopper stopper,
            ContainerRemover remover,
            ContainerUpdater updater,
            ExecSync execSync,
            ContainerLogs logs,
            UsageReader usage,
            Streams streams) {}

    /** The first part of the container ids that kubelet shows. */
    private static final String RUNTIME_NAME = "keelson";

    /** kubelet's own version of the API's wire format, not that of the API. */
    private static final String KUBELET_API_VERSION = "0.1.0";

    private static final String API_VERSION = "v1";

    private final Calls calls;
    private final ReplyMemory outputs = new ReplyMemory();
    private final String version;
    private final NodeStatus node;
    private final PodVerbs pods;
    private final ContainerVerbs containers;
    private final LifeEvents events;

    public RuntimeCalls(
            Calls calls, String version, NodeStatus node, PodVerbs pods, ContainerVerbs containers, LifeEvents events) {
        this.calls = calls;
        this.version = version;
        this.node = node;
        this.pods = pods;
        this.containers = containers;
        this.events = events;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
        calls.reply(
                Attempt.to("tell the version"),
                response,
                () -> VersionResponse.newBuilder()
                        .setVersion(KUBELET_API_VERSION)
                        .setRuntimeName(RUNTIME_NAME)
                        .setRuntimeVersion(version)
                        .setRuntimeApiVersion(API_VERSION)
                        .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> response) {
        calls.reply(Attempt.to("tell the node's status"), response, () -> node.response(request.getVerbose()));
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> response) {
        calls.reply(Attempt.to("tell the configuration"), response, node::runtimeConfig);
    }

    /** The network's configuration brings its own addresses, so there is nothing to do with the pod CIDR that this tells. */
    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> response) {
        calls.reply(Attempt.to("take the configuration"), response, UpdateRuntimeConfigResponse::getDefaultInstance);
    }

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> response) {
        var metadata = request.getConfig().getMetadata();
        calls.change(
                "RunPodSandbox",
                Attempt.to("start pod", metadata.getNamespace() + "/" + metadata.getName()),
                response,
                () -> RunPodSandboxResponse.newBuilder()
                        .setPodSandboxId(
                                pods.starter().start(Pods.spec(request)).hex())
                        .build());
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> response) {
        calls.change("StopPodSandbox", Attempt.to("stop pod", request.getPodSandboxId()), response, () -> {
            pods.catalog()
                    .find(Pods.id(request.getPodSandboxId()))
                    .ifPresent(pod -> pods.stopper().stop(pod.id()));
            return StopPodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> response) {
        calls.change("RemovePodSandbox", Attempt.to("remove pod", request.getPodSandboxId()), response, () -> {
            pods.catalog()
                    .find(Pods.id(request.getPodSandboxId()))
                    .ifPresent(pod -> pods.remover().remove(pod.id()));
            return RemovePodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> response) {
        calls.reply(Attempt.to("tell the status of pod", request.getPodSandboxId()), response, () -> {
            var at = Instant.now();
            var pod = pods.catalog().get(Pods.id(request.getPodSandboxId()));
            return Pods.response(
                    pods.catalog(),
                    pod,
                    containers.catalog().list(ContainerFilter.ofPod(pod.id())),
                    at,
                    request.getVerbose());
        });
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> response) {
        calls.reply(
                Attempt.to("list pods"),
                response,
                () -> Pods.list(pods.catalog().list(Pods.filter(request.getFilter()))));
    }

    @Override
    public void streamPodSandboxes(
            StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> response) {
        calls.stream(
                Attempt.to("list pods"),
                response,
                () -> Pods.stream(pods.catalog().list(Pods.filter(request.getFilter()))));
    }

    @Override
    public void updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest request, StreamObserver<UpdatePodSandboxResourcesResponse> response) {
        var attempt = Attempt.to("change the resources of pod", request.getPodSandboxId());
        calls.change("UpdatePodSandboxResources", attempt, response, () -> {
            pods.updater()
                    .update(
                            pods.catalog()
                                    .get(Pods.id(request.getPodSandboxId()))
                                    .id(),
                            Resources.find(request.hasOverhead(), request.getOverhead()),
                            Resources.find(request.hasResources(), request.getResources()));
            return UpdatePodSandboxResourcesResponse.getDefaultInstance();
        });
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
                                        pods.catalog()
                                                .get(Pods.id(request.getPodSandboxId()))
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
                    .ifPresent(container -> containers.remover().remove(container.id()));
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

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure container", request.getContainerId()),
                response,
                () -> ContainerStatsResponse.newBuilder()
                        .setStats(Statistics.of(containers.usage().of(Containers.id(request.getContainerId()))))
                        .build());
    }

    @Override
    public void listContainerStats(
            ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure containers"),
                response,
                () -> Statistics.list(containers.usage().list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void streamContainerStats(
            StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> response) {
        calls.stream(
                Attempt.to("measure containers"),
                response,
                () -> Statistics.stream(containers.usage().list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void podSandboxStats(PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pod", request.getPodSandboxId()),
                response,
                () -> PodStatistics.response(pods.usage().of(Pods.id(request.getPodSandboxId()))));
    }

    @Override
    public void listPodSandboxStats(
            ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pods"),
                response,
                () -> PodStatistics.list(pods.usage().list(PodStatistics.filter(request.getFilter()))));
    }

    @Override
    public void streamPodSandboxStats(
            StreamPodSandboxStatsRequest request, StreamObserver<StreamPodSandboxStatsResponse> response) {
        calls.stream(
                Attempt.to("measure pods"),
                response,
                () -> PodStatistics.stream(pods.usage().list(PodStatistics.filter(request.getFilter()))));
    }

    @Override
    public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> response) {
        EventStream.begin((ServerCallStreamObserver<ContainerEventResponse>) response, events);
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> response) {
        try (var memory = outputs.hold(response)) {
            calls.reply(
                    Attempt.to("run a command in container", request.getContainerId()),
                    response,
                    () -> Containers.response(containers
                            .execSync()
                            .run(
                                    containers
                                            .catalog()
                                            .get(Containers.id(request.getContainerId()))
                                            .id(),
                                    Containers.command(request),
                                    Containers.timeout(request),
                                    memory)));
        }
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> response) {
        calls.change(
                "Exec",
                Attempt.to("run a command in container", request.getContainerId()),
                response,
                () -> containers.streams().exec(request));
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> response) {
        calls.change(
                "Attach",
                Attempt.to("attach to container", request.getContainerId()),
                response,
                () -> containers.streams().attach(request));
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> response) {
        calls.change(
                "PortForward",
                Attempt.to("forward ports of pod", request.getPodSandboxId()),
                response,
                () -> containers.streams().portForward(request));
    }
}
