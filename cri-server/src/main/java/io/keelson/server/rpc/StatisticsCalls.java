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
import java.nio.file.Path;

/** What pods and containers use. */
final class StatisticsCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final PodUsageReader pods;
    private final UsageReader containers;
    private final Statistics statistics;
    private final PodStatistics podStatistics;

    StatisticsCalls(Calls calls, PodUsageReader pods, UsageReader containers, Path root) {
        this.calls = calls;
        this.pods = pods;
        this.containers = containers;
        statistics = new Statistics(root);
        podStatistics = new PodStatistics(statistics);
    }

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure container", request.getContainerId()),
                response,
                () -> ContainerStatsResponse.newBuilder()
                        .setStats(statistics.of(containers.of(Containers.id(request.getContainerId()))))
                        .build());
    }

    @Override
    public void listContainerStats(
            ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> response) {
        calls.reply(
                Attempt.to("measure containers"),
                response,
                () -> statistics.list(containers.list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void streamContainerStats(
            StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> response) {
        calls.stream(
                Attempt.to("measure containers"),
                response,
                () -> statistics.stream(containers.list(Statistics.filter(request.getFilter()))));
    }

    @Override
    public void podSandboxStats(PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pod", request.getPodSandboxId()),
                response,
                () -> podStatistics.response(pods.of(Pods.id(request.getPodSandboxId()))));
    }

    @Override
    public void listPodSandboxStats(
            ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> response) {
        calls.reply(
                Attempt.to("measure pods"),
                response,
                () -> podStatistics.list(pods.list(PodStatistics.filter(request.getFilter()))));
    }

    @Override
    public void streamPodSandboxStats(
            StreamPodSandboxStatsRequest request, StreamObserver<StreamPodSandboxStatsResponse> response) {
        calls.stream(
                Attempt.to("measure pods"),
                response,
                () -> podStatistics.stream(pods.list(PodStatistics.filter(request.getFilter()))));
    }
}
