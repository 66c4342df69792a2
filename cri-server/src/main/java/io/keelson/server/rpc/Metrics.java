package io.keelson.server.rpc;

import com.google.protobuf.UnknownFieldSet;
import io.keelson.pod.Pod;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.pod.stats.PodMetrics;
import io.keelson.pod.stats.PodMetrics.ContainerMetrics;
import io.keelson.proto.ListMetricDescriptorsResponse;
import io.keelson.proto.ListPodSandboxMetricsResponse;
import io.keelson.proto.MetricDescriptor;
import io.keelson.proto.PodSandboxMetrics;
import io.keelson.proto.StreamPodSandboxMetricsResponse;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Metrics of pods and containers, in CRI's words. */
final class Metrics {
    private Metrics() {}

    /** All of them, whatever this node's kernel counts. */
    static ListMetricDescriptorsResponse descriptors() {
        var response = ListMetricDescriptorsResponse.newBuilder();
        for (var kind : MetricKind.values()) {
            response.addDescriptors(MetricDescriptor.newBuilder()
                    .setName(kind.metricName())
                    .setHelp(kind.help())
                    .addAllLabelKeys(kind.labels()));
        }
        return response.build();
    }

    static ListPodSandboxMetricsResponse list(Stream<PodMetrics> pods) {
        return ListPodSandboxMetricsResponse.newBuilder()
                .addAllPodMetrics(Pages.whole(pods.map(Metrics::of), "StreamPodSandboxMetrics"))
                .build();
    }

    static Iterator<StreamPodSandboxMetricsResponse> stream(Stream<PodMetrics> pods) {
        return Pages.of(
                pods.map(Metrics::of),
                page -> StreamPodSandboxMetricsResponse.newBuilder()
                        .addAllPodSandboxMetrics(page)
                        .build());
    }

    private static PodSandboxMetrics of(PodMetrics measured) {
        var pod = measured.pod();
        var labels = labels(pod.cgroupPath(), pod.id().hex(), "", "", pod);
        var metrics = PodSandboxMetrics.newBuilder()
                .setPodSandboxId(pod.id().hex())
                .setUnknownFields(
                        encoded(PodSandboxMetrics.METRICS_FIELD_NUMBER, measured.samples(), labels, measured.at()));
        measured.containers().forEach(container -> metrics.addContainerMetrics(of(container, pod)));
        return metrics.build();
    }

    private static io.keelson.proto.ContainerMetrics of(ContainerMetrics measured, Pod pod) {
        var container = measured.container();
        var labels = labels(
                container.cgroup(),
                container.id().hex(),
                container.image().name(),
                container.config().name(),
                pod);
        return io.keelson.proto.ContainerMetrics.newBuilder()
                .setContainerId(container.id().hex())
                .setUnknownFields(encoded(
                        io.keelson.proto.ContainerMetrics.METRICS_FIELD_NUMBER,
                        measured.samples(),
                        labels,
                        measured.at()))
                .build();
    }

    /** The values of {@link MetricKind#COMMON_LABELS}. */
    private static EncodedLabels labels(String cgroup, String id, String image, String container, Pod pod) {
        var metadata = pod.spec().metadata();
        return EncodedLabels.of(List.of(cgroup, id, image, container, metadata.namespace(), metadata.name()));
    }

    /** As a field that its message only passes on, since it was encoded already. */
    private static UnknownFieldSet encoded(int field, List<Sample> samples, EncodedLabels labels, Instant at) {
        var metrics = UnknownFieldSet.Field.newBuilder();
        samples.forEach(sample -> metrics.addLengthDelimited(labels.metric(sample, Times.nanos(at))));
        return UnknownFieldSet.newBuilder().addField(field, metrics.build()).build();
    }
}
