package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    @Test
    void whatHasPassedHasNothingRemaining() {
        var passed = Deadline.in(Duration.ofSeconds(-5));

        assertThat(passed.hasPassed()).isTrue();
        assertThat(passed.remaining()).isEqualTo(Duration.ZERO);
        assertThat(passed.remainingMillis()).isZero();
    }

    @Test
    void whatIsAheadHasTimeRemaining() {
        var ahead = Deadline.in(Duration.ofMinutes(1));

        assertThat(ahead.hasPassed()).isFalse();
        assertThat(ahead.remaining()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
        assertThat(ahead.remainingMillis()).isBetween(50_000, 60_000);
    }

    @Test
    void partsOfAMillisecondAreRoundedUp() {
        var soon = Deadline.in(Duration.ofNanos(500_000_001));

        assertThat((long) soon.remainingMillis() * 1_000_000)
                .isGreaterThanOrEqualTo(soon.remaining().toNanos());
    }

    @Test
    void foreverIsFarAheadAndNotInThePast() {
        var forever = Deadline.in(Duration.ofSeconds(Long.MAX_VALUE));

        assertThat(forever.hasPassed()).isFalse();
        assertThat(forever.remainingMillis()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void theEarlierOfTwoCounts() {
        var early = Deadline.in(Duration.ofSeconds(1));
        var late = Deadline.in(Duration.ofDays(1));

        assertThat(early.orEarlier(late)).isSameAs(early);
        assertThat(late.orEarlier(early)).isSameAs(early);
    }
}
