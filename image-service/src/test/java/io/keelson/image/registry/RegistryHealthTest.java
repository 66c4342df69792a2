package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RegistryHealthTest {
    private static final RegistryEndpoint ONE = new RegistryEndpoint("one.example", "a", false, false);
    private final RegistryHealth health = new RegistryHealth();

    private boolean rests(Duration after) {
        return health.rests(ONE, after.toNanos());
    }

    @Test
    void restDoublesWithEachFailureOnEndUpToALimit() {
        var now = Duration.ZERO;
        var rest = RegistryHealth.FIRST_REST;
        for (var i = 0; i < 10; i++) {
            health.failed(ONE, now.toNanos());
            assertThat(rests(now.plus(rest).minusNanos(1))).isTrue();
            assertThat(rests(now.plus(rest))).isFalse();
            now = now.plus(rest);
            rest = rest.multipliedBy(2).compareTo(RegistryHealth.LONGEST_REST) > 0
                    ? RegistryHealth.LONGEST_REST
                    : rest.multipliedBy(2);
        }
    }

    @Test
    void failuresAtTheSameTimeAreOne() {
        for (var i = 0; i < 5; i++) {
            health.failed(ONE, 0);
        }

        assertThat(rests(RegistryHealth.FIRST_REST)).isFalse();
    }

    @Test
    void anAnswerEndsIt() {
        health.failed(ONE, 0);
        health.answered(ONE);

        assertThat(rests(Duration.ofSeconds(1))).isFalse();
        assertThat(health.rests(new RegistryEndpoint("two.example", "a", false, false), 0))
                .isFalse();
    }
}
