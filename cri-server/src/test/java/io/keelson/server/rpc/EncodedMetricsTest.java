package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.keelson.pod.stats.MetricKind;
import io.keelson.pod.stats.MetricKind.Sample;
import io.keelson.proto.ContainerMetrics;
import io.keelson.proto.Metric;
import io.keelson.proto.MetricType;
import io.keelson.proto.UInt64Value;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedMetricsTest {
    private static final List<String> COMMON = List.of("/pods/one", "0123", "", "größer", "default", "web");

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 1L << 40, Long.MAX_VALUE, -1})
    void isWhatABuilderWouldHaveMade(long value) throws Exception {
        var counter = new Sample(MetricKind.MEMORY_FAILURES, value, List.of("pgfault", "container"));
        var gauge = new Sample(MetricKind.MEMORY_RSS, value, List.of());

        var bytes = ByteString.newOutput();
        var out = CodedOutputStream.newInstance(bytes);
        new EncodedMetrics(COMMON, 1_700_000_000_000_000_001L)
                .write(out, ContainerMetrics.METRICS_FIELD_NUMBER, List.of(counter, gauge));
        out.flush();

        assertThat(ContainerMetrics.parseFrom(bytes.toByteString()).getMetricsList())
                .containsExactly(expected(counter, MetricType.COUNTER), expected(gauge, MetricType.GAUGE));
    }

    private static Metric expected(Sample sample, MetricType type) {
        return Metric.newBuilder()
                .setName(sample.kind().metricName())
                .setTimestamp(1_700_000_000_000_000_001L)
                .setMetricType(type)
                .addAllLabelValues(COMMON)
                .addAllLabelValues(sample.ownLabels())
                .setValue(UInt64Value.newBuilder().setValue(sample.value()))
                .build();
    }
}
