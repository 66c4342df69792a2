package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MetricKindTest {
    @Test
    void thereAreFiftySixOfDifferentNames() {
        assertThat(Arrays.stream(MetricKind.values()).map(MetricKind::metricName))
                .hasSize(56)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.startsWith("container_"));
    }

    @Test
    void aValueHasAsManyLabelsAsItsKind() {
        assertThat(MetricKind.BLKIO.labels())
                .containsExactly(
                        "id",
                        "name",
                        "image",
                        "container",
                        "namespace",
                        "pod",
                        "device",
                        "major",
                        "minor",
                        "operation");
        assertThatThrownBy(() -> MetricKind.BLKIO.is(1, "sda")).isInstanceOf(IllegalArgumentException.class);
    }
}
