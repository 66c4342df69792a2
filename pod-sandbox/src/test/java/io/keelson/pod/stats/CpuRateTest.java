package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CpuRateTest {
    private final CpuRate rate = new CpuRate();

    @Test
    void thereIsNoneBeforeThereIsAWindow() {
        assertThat(rate.measure(0, 100)).isEmpty();
        assertThat(rate.measure(millis(999), 200)).isEmpty();
        assertThat(rate.measure(millis(1000), millis(500))).hasValue(millis(500) - 100);
    }

    @Test
    void isTheGrowthOfTheLastSecondsAndNotOfAll() {
        rate.measure(0, 0);
        rate.measure(millis(10_000), millis(10_000));
        assertThat(rate.measure(millis(20_000), millis(10_000))).hasValue(0);
        assertThat(rate.measure(millis(22_000), millis(11_000))).hasValue(millis(500));
    }

    @Test
    void whoAsksOftenIsToldOfAWindowThatIsLongEnough() {
        rate.measure(0, 0);
        rate.measure(millis(1000), millis(1000));
        assertThat(rate.measure(millis(1001), millis(1001))).hasValue(millis(1000));
    }

    @Test
    void whatIsLongAgoDoesNotCount() {
        rate.measure(0, 0);
        assertThat(rate.measure(CpuRate.LONGEST.toNanos() + 1, 5)).isEmpty();
    }

    @Test
    void aCounterThatBeginsAgainHasNone() {
        rate.measure(0, 500);
        assertThat(rate.measure(millis(2000), 10)).isEmpty();
        assertThat(rate.measure(millis(4000), 20)).isPresent();
    }

    @Test
    void whoIsLateWithAnOldReadingHasNoWindow() {
        rate.measure(0, 0);
        rate.measure(millis(2000), millis(1000));
        assertThat(rate.measure(0, 0)).isEmpty();
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
