package io.keelson.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.keelson.pod.Pod;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.PodMetrics;
import io.keelson.pod.stats.PodMetrics.ContainerMetrics;
import io.keelson.proto.ListMetricDescriptorsResponse;
import io.keelson.proto.ListPodSandboxMetricsResponse;
import io.keelson.proto.MetricDescriptor;
import io.keelson.proto.PodSandboxMetrics;
import io.keelson.proto.StreamPodSandboxMetricsResponse;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Metrics of pods and containers, in CRI's words. */
final class Metrics {
    /** Messages grow by pieces of so many bytes. */
    private static final int PIECE_BYTES = 4 << 10;

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
        var page = Pages.whole(pods.map(Metrics::encoded), ByteString::size, "StreamPodSandboxMetrics");
        return ListPodSandboxMetricsResponse.newBuilder()
                .setUnknownFields(field(ListPodSandboxMetricsResponse.POD_METRICS_FIELD_NUMBER, page))
                .build();
    }

    static Iterator<StreamPodSandboxMetricsResponse> stream(Stream<PodMetrics> pods) {
        return Pages.of(
                pods.map(Metrics::encoded),
                ByteString::size,
                page -> StreamPodSandboxMetricsResponse.newBuilder()
                        .setUnknownFields(field(StreamPodSandboxMetricsResponse.POD_SANDBOX_METRICS_FIELD_NUMBER, page))
                        .build());
    }

    /** As one that its message only passes on, since its messages were encoded already. */
    private static UnknownFieldSet field(int number, List<ByteString> messages) {
        var field = UnknownFieldSet.Field.newBuilder();
        messages.forEach(field::addLengthDelimited);
        return UnknownFieldSet.newBuilder().addField(number, field.build()).build();
    }

    /** A {@link PodSandboxMetrics}. */
    private static ByteString encoded(PodMetrics measured) {
        var pod = measured.pod();
        var metrics =
                new EncodedMetrics(labels(pod.cgroupPath(), pod.id().hex(), "", "", pod), Times.nanos(measured.at()));
        return Encoding.of(out -> {
            out.writeString(
                    PodSandboxMetrics.POD_SANDBOX_ID_FIELD_NUMBER, pod.id().hex());
            metrics.write(out, PodSandboxMetrics.METRICS_FIELD_NUMBER, measured.samples());
            for (var container : measured.containers()) {
                out.writeBytes(PodSandboxMetrics.CONTAINER_METRICS_FIELD_NUMBER, encoded(container, pod));
            }
        });
    }

    /** A message of one container's. */
    private static ByteString encoded(ContainerMetrics measured, Pod pod) {
        var container = measured.container();
        var labels = labels(
                container.cgroup(),
                container.id().hex(),
                container.image().name(),
                container.config().name(),
                pod);
        var metrics = new EncodedMetrics(labels, Times.nanos(measured.at()));
        return Encoding.of(out -> {
            out.writeString(
                    io.keelson.proto.ContainerMetrics.CONTAINER_ID_FIELD_NUMBER,
                    container.id().hex());
            metrics.write(out, io.keelson.proto.ContainerMetrics.METRICS_FIELD_NUMBER, measured.samples());
        });
    }

    /** The values of {@link MetricKind#COMMON_LABELS}. */
    private static List<String> labels(String cgroup, String id, String image, String container, Pod pod) {
        var metadata = pod.spec().metadata();
        return List.of(cgroup, id, image, container, metadata.namespace(), metadata.name());
    }

    /** A message that is written field by field. */
    private interface Encoding {
        void write(CodedOutputStream out) throws IOException;

        static ByteString of(Encoding message) {
            var bytes = ByteString.newOutput(PIECE_BYTES);
            var out = CodedOutputStream.newInstance(bytes);
            try {
                message.write(out);
                out.flush();
            } catch (IOException e) {
                throw new AssertionError("memory takes all that is written", e);
            }
            return bytes.toByteString();
        }
    }
}
