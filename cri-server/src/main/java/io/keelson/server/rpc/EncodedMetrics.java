package io.keelson.server.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.proto.Metric;
import io.keelson.proto.MetricType;
import io.keelson.proto.UInt64Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Metrics of a pod or a container, as bytes. A node's answer has thousands, and by builders most of its time went into the same texts
 * again and again: what metrics have in common, and what those of a kind have, is encoded once.
 */
final class EncodedMetrics {
    /** Of each kind, its name and its type. */
    private static final Map<MetricKind, byte[]> KINDS = Arrays.stream(MetricKind.values())
            .collect(Collectors.toMap(
                    Function.identity(),
                    EncodedMetrics::encoded,
                    (one, _) -> one,
                    () -> new EnumMap<>(MetricKind.class)));

    private final byte[] common;

    /** @param labels the values of {@link MetricKind#COMMON_LABELS} */
    EncodedMetrics(List<String> labels, long nanos) {
        common = Metric.newBuilder()
                .addAllLabelValues(labels)
                .setTimestamp(nanos)
                .build()
                .toByteArray();
    }

    /** A {@link Metric} for each sample, in a repeated field of the message that is being written. */
    void write(CodedOutputStream out, int field, List<Sample> samples) throws IOException {
        for (var sample : samples) {
            write(out, field, sample);
        }
    }

    private void write(CodedOutputStream out, int field, Sample sample) throws IOException {
        var kind = Objects.requireNonNull(KINDS.get(sample.kind()));
        var valueBytes = sample.value() == 0
                ? 0
                : CodedOutputStream.computeUInt64Size(UInt64Value.VALUE_FIELD_NUMBER, sample.value());
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(kind.length + common.length + ownBytes(sample, valueBytes));
        out.writeRawBytes(kind);
        out.writeRawBytes(common);
        for (var label : sample.ownLabels()) {
            out.writeString(Metric.LABEL_VALUES_FIELD_NUMBER, label);
        }
        out.writeTag(Metric.VALUE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(valueBytes);
        if (valueBytes > 0) {
            out.writeUInt64(UInt64Value.VALUE_FIELD_NUMBER, sample.value());
        }
    }

    private static byte[] encoded(MetricKind kind) {
        return Metric.newBuilder()
                .setName(kind.metricName())
                .setMetricType(kind.isCounter() ? MetricType.COUNTER : MetricType.GAUGE)
                .build()
                .toByteArray();
    }

    private static int ownBytes(Sample sample, int valueBytes) {
        var bytes = CodedOutputStream.computeTagSize(Metric.VALUE_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(valueBytes)
                + valueBytes;
        for (var label : sample.ownLabels()) {
            bytes += CodedOutputStream.computeStringSize(Metric.LABEL_VALUES_FIELD_NUMBER, label);
        }
        return bytes;
    }
}
