package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.pod.stats.PodUsageReader;
import io.keelson.pod.stats.UsageReader;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.ContainerStatsResponse;
import io.keelson.proto.ListContainerStatsRequest;
import io.keelson.proto.ListContainerStatsResponse;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.ListPodSandboxStatsResponse;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PodSandboxStatsResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StreamContainerStatsRequest;
import io.keelson.proto.StreamContainerStatsResponse;
import io.keelson.proto.StreamPodSandboxStatsRequest;
import io.keelson.proto.StreamPodSandboxStatsResponse;

/** What pods and containers use. */
final class StatisticsCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final PodUsageReader pods;
    private final UsageReader containers;

    StatisticsCalls(Calls calls, PodUsageReader pods, UsageReader containers) {
        this.calls = calls;
        this.pods = pods;
        this.containers = containers;
    }

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure container", request.getContainerId()),
                response,
                () -> ContainerStatsResponse.newBuilder()
                        .setStats(Statistics.of(containers.of(Containers.id(request.getContainerId()))))
                        .build());
    }

    @Override
    public void listContainerStats(
            ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure containers"),
                response,
                () -> Statistics.list(containers.list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void streamContainerStats(
            StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> response) {
        calls.stream(
                Attempt.to("measure containers"),
                response,
                () -> Statistics.stream(containers.list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void podSandboxStats(PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pod", request.getPodSandboxId()),
                response,
                () -> PodStatistics.response(pods.of(Pods.id(request.getPodSandboxId()))));
    }

    @Override
    public void listPodSandboxStats(
            ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pods"),
                response,
                () -> PodStatistics.list(pods.list(PodStatistics.filter(request.getFilter()))));
    }

    @Override
    public void streamPodSandboxStats(
            StreamPodSandboxStatsRequest request, StreamObserver<StreamPodSandboxStatsResponse> response) {
        calls.stream(
                Attempt.to("measure pods"),
                response,
                () -> PodStatistics.stream(pods.list(PodStatistics.filter(request.getFilter()))));
    }
}
