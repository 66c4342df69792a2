package io.keelson.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.LazyStringArrayList;
import io.keelson.pod.Pod;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.pod.stats.PodMetrics;
import io.keelson.pod.stats.PodMetrics.ContainerMetrics;
import io.keelson.proto.ListMetricDescriptorsResponse;
import io.keelson.proto.ListPodSandboxMetricsResponse;
import io.keelson.proto.Metric;
import io.keelson.proto.MetricDescriptor;
import io.keelson.proto.MetricType;
import io.keelson.proto.PodSandboxMetrics;
import io.keelson.proto.StreamPodSandboxMetricsResponse;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Metrics of pods and containers, in CRI's words. */
final class Metrics {
    private static final Map<MetricKind, ByteString> NAMES = names();

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
        var metrics = PodSandboxMetrics.newBuilder().setPodSandboxId(pod.id().hex());
        measured.samples().forEach(sample -> metrics.addMetrics(metric(sample, labels, measured.at())));
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
        var metrics = io.keelson.proto.ContainerMetrics.newBuilder()
                .setContainerId(container.id().hex());
        measured.samples().forEach(sample -> metrics.addMetrics(metric(sample, labels, measured.at())));
        return metrics.build();
    }

    /**
     * The values of {@link MetricKind#COMMON_LABELS}, as the bytes that each of a container's sixty metrics has again: an answer for a
     * node's containers would else be spent on encoding the same texts.
     */
    private static List<String> labels(String cgroup, String id, String image, String container, Pod pod) {
        var metadata = pod.spec().metadata();
        var labels = new LazyStringArrayList();
        Stream.of(cgroup, id, image, container, metadata.namespace(), metadata.name())
                .map(ByteString::copyFromUtf8)
                .forEach(labels::add);
        return labels;
    }

    private static Map<MetricKind, ByteString> names() {
        var names = new EnumMap<MetricKind, ByteString>(MetricKind.class);
        for (var kind : MetricKind.values()) {
            names.put(kind, ByteString.copyFromUtf8(kind.metricName()));
        }
        return names;
    }

    private static Metric metric(Sample sample, List<String> labels, Instant at) {
        return Metric.newBuilder()
                .setNameBytes(NAMES.get(sample.kind()))
                .setTimestamp(Times.nanos(at))
                .setMetricType(sample.kind().isCounter() ? MetricType.COUNTER : MetricType.GAUGE)
                .addAllLabelValues(labels)
                .addAllLabelValues(sample.ownLabels())
                .setValue(Statistics.number(sample.value()))
                .build();
    }
}
