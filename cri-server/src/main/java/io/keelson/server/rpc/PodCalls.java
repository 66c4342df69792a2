package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxResponse;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PodSandboxStatusResponse;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.RemovePodSandboxResponse;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.RunPodSandboxResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.StopPodSandboxResponse;
import io.keelson.proto.StreamPodSandboxesRequest;
import io.keelson.proto.StreamPodSandboxesResponse;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import io.keelson.proto.UpdatePodSandboxResourcesResponse;
import io.keelson.server.rpc.RuntimeCalls.PodVerbs;
import java.time.Instant;

/** Pods. */
final class PodCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final PodVerbs pods;
    private final ContainerCatalog containers;

    PodCalls(Calls calls, PodVerbs pods, ContainerCatalog containers) {
        this.calls = calls;
        this.pods = pods;
        this.containers = containers;
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
                    .ifPresent(pod -> pods.remover().accept(pod.id()));
            return RemovePodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> response) {
        calls.reply(Attempt.to("tell the status of pod", request.getPodSandboxId()), response, () -> {
            var at = Instant.now();
            var pod = pods.catalog().get(Pods.id(request.getPodSandboxId()));
            return Pods.response(
                    pods.catalog(), pod, containers.list(ContainerFilter.ofPod(pod.id())), at, request.getVerbose());
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
}
