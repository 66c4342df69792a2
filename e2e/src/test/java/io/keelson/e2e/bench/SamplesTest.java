package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private final Samples samples = new Samples();

    @Test
    void aPercentileIsTheSmallestSampleThatIsNotBelowTheShare() {
        IntStream.rangeClosed(1, 20).map(i -> 21 - i).forEach(value -> samples.add(Metric.EXEC, value));

        assertThat(samples.median(Metric.EXEC)).isEqualTo(10);
        assertThat(samples.percentile(Metric.EXEC, 0.95)).isEqualTo(19);
        assertThat(samples.percentile(Metric.EXEC, 1)).isEqualTo(20);
        assertThat(samples.percentile(Metric.EXEC, 0.001)).isEqualTo(1);
    }

    @Test
    void ofOneSampleEveryPercentileIsThatOne() {
        samples.add(Metric.PULL, 3.5);

        assertThat(samples.median(Metric.PULL)).isEqualTo(3.5);
        assertThat(samples.percentile(Metric.PULL, 0.95)).isEqualTo(3.5);
    }

    @Test
    void withoutSamplesThereIsNoPercentile() {
        assertThatThrownBy(() -> samples.median(Metric.STOP)).hasMessageContaining("container-stop");
        assertThat(samples.has(Metric.STOP)).isFalse();
    }

    @Test
    void whatFailsIsNotCounted() {
        assertThatThrownBy(() -> samples.time(Metric.EXEC, () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(samples.count(Metric.EXEC)).isZero();
    }
}
