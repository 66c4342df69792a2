package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Cri;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
    private static final Path NOWHERE = Path.of("/nowhere");

    private final Subject keelson =
            subject("keelson", Map.of("total", List.of(30.0, 40.0, 50.0), "cni", List.of(20.0, 31.0, 38.0)));
    private final Subject peer = subject("peer", Map.of());

    private static Subject subject(String name, Map<String, List<Double>> stages) {
        return new Subject(
                name, NOWHERE, Cri.connect(NOWHERE), "/p", "/logs", OptionalLong.empty(), new Samples(), stages);
    }

    @Test
    void medianStandBesideEachOtherWithTheirRatio() {
        for (var value = 1; value <= 3; value++) {
            keelson.samples().add(Metric.POD_START, value);
            peer.samples().add(Metric.POD_START, value * 4);
        }
        keelson.samples().add(Metric.BURST, 20);
        peer.samples().add(Metric.BURST, 10);
        keelson.samples().add(Metric.EXEC, 5);

        var lines = new Report(List.of(keelson, peer)).table().lines().toList();

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).contains("keelson p50", "peer p50", "ratio to peer");
        assertThat(lines.get(1)).matches("pod start, one host port .* 3 +2\\.00 +3\\.00 +8\\.00 +12\\.0 +0\\.25");
        assertThat(lines.get(2)).matches("ExecSync of true .* 1 +5\\.00 +5\\.00 +- +- +-");
        assertThat(lines.get(3)).endsWith("2.00 (more is better)");
    }

    @Test
    void ourOwnShareOfAPodsStartIsTakenPodByPod() {
        assertThat(new Report(List.of(keelson)).stages())
                .contains("total - cni")
                .contains("10.0");
    }

    @Test
    void theJsonHasEveryMetricThatWasMeasured() {
        keelson.samples().add(Metric.PULL, 100);
        keelson.samples().add(Metric.PULL, 300);

        var json = JsonMapper.shared().readTree(new Report(List.of(keelson, peer)).json());

        assertThat(json.at("/keelson/pull/p50").doubleValue()).isEqualTo(100);
        assertThat(json.at("/keelson/pull/p95").doubleValue()).isEqualTo(300);
        assertThat(json.at("/keelson/pull/count").intValue()).isEqualTo(2);
        assertThat(json.at("/keelson/pod-start-stages/cni").doubleValue()).isEqualTo(31);
        assertThat(json.at("/peer").isEmpty()).isTrue();
    }
}
