package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.pod.stats.PodMetricsReader;
import io.keelson.proto.ListMetricDescriptorsRequest;
import io.keelson.proto.ListMetricDescriptorsResponse;
import io.keelson.proto.ListPodSandboxMetricsRequest;
import io.keelson.proto.ListPodSandboxMetricsResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StreamPodSandboxMetricsRequest;
import io.keelson.proto.StreamPodSandboxMetricsResponse;

/** The metrics of pods and containers, by cAdvisor's names. */
final class MetricCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final PodMetricsReader metrics;

    MetricCalls(Calls calls, PodMetricsReader metrics) {
        this.calls = calls;
        this.metrics = metrics;
    }

    @Override
    public void listMetricDescriptors(
            ListMetricDescriptorsRequest request, StreamObserver<ListMetricDescriptorsResponse> response) {
        calls.reply(Attempt.to("describe metrics"), response, Metrics::descriptors);
    }

    @Override
    public void listPodSandboxMetrics(
            ListPodSandboxMetricsRequest request, StreamObserver<ListPodSandboxMetricsResponse> response) {
        calls.reply(Attempt.to("read metrics of pods"), response, () -> Metrics.list(metrics.list()));
    }

    @Override
    public void streamPodSandboxMetrics(
            StreamPodSandboxMetricsRequest request, StreamObserver<StreamPodSandboxMetricsResponse> response) {
        calls.stream(Attempt.to("read metrics of pods"), response, () -> Metrics.stream(metrics.list()));
    }
}
