package io.keelson.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.proto.Metric;
import io.keelson.proto.MetricType;
import io.keelson.proto.UInt64Value;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What all metrics of a pod or a container have in common, as bytes of their messages, and these messages. A node's answer has
 * thousands, and by builders most of its time went into the same texts again and again.
 */
final class EncodedLabels {
    /** Of each kind, its name and its type. */
    private static final Map<MetricKind, byte[]> KINDS = kinds();

    private final byte[] labels;

    private EncodedLabels(byte[] labels) {
        this.labels = labels;
    }

    static EncodedLabels of(List<String> values) {
        return new EncodedLabels(
                Metric.newBuilder().addAllLabelValues(values).build().toByteArray());
    }

    /** A {@link Metric}. */
    ByteString metric(Sample sample, long nanos) {
        var kind = Objects.requireNonNull(KINDS.get(sample.kind()));
        var valueBytes = sample.value() == 0
                ? 0
                : CodedOutputStream.computeUInt64Size(UInt64Value.VALUE_FIELD_NUMBER, sample.value());
        var bytes = new byte[kind.length + labels.length + ownBytes(sample, nanos, valueBytes)];
        var out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeRawBytes(kind);
            out.writeInt64(Metric.TIMESTAMP_FIELD_NUMBER, nanos);
            out.writeRawBytes(labels);
            for (var label : sample.ownLabels()) {
                out.writeString(Metric.LABEL_VALUES_FIELD_NUMBER, label);
            }
            out.writeTag(Metric.VALUE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(valueBytes);
            if (valueBytes > 0) {
                out.writeUInt64(UInt64Value.VALUE_FIELD_NUMBER, sample.value());
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new AssertionError("an array has room for what it was made for", e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static int ownBytes(Sample sample, long nanos, int valueBytes) {
        var bytes = CodedOutputStream.computeInt64Size(Metric.TIMESTAMP_FIELD_NUMBER, nanos)
                + CodedOutputStream.computeTagSize(Metric.VALUE_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(valueBytes)
                + valueBytes;
        for (var label : sample.ownLabels()) {
            bytes += CodedOutputStream.computeStringSize(Metric.LABEL_VALUES_FIELD_NUMBER, label);
        }
        return bytes;
    }

    private static Map<MetricKind, byte[]> kinds() {
        var kinds = new EnumMap<MetricKind, byte[]>(MetricKind.class);
        for (var kind : MetricKind.values()) {
            kinds.put(
                    kind,
                    Metric.newBuilder()
                            .setName(kind.metricName())
                            .setMetricType(kind.isCounter() ? MetricType.COUNTER : MetricType.GAUGE)
                            .build()
                            .toByteArray());
        }
        return kinds;
    }
}
