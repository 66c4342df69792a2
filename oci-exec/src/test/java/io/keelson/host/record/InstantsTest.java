package io.keelson.host.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantsTest {
    private static final long FAR = 400_000_000_000L;

    /** Of all lengths of fractions, and years of other than four digits. */
    @Test
    void whatAnInstantSaysOfItselfIsThatInstant() {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++) {
            var nanos = random.nextInt(1_000_000_000);
            var rounded = switch (i % 4) {
                case 0 -> 0;
                case 1 -> nanos / 1_000_000 * 1_000_000;
                case 2 -> nanos / 1_000 * 1_000;
                default -> nanos;
            };
            var seconds = i % 10 == 0 ? random.nextLong(-FAR, FAR) : random.nextLong(0, 4_000_000_000L);
            var at = Instant.ofEpochSecond(seconds, rounded);
            assertThat(Instants.parse(at.toString())).isEqualTo(at);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-27T12:00:00.1Z",
                "2026-11-27T12:00:00.12345Z",
                "2026-02-29T12:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-11-27T24:00:00Z",
                "2026-11-27T25:00:00Z",
                "2026-11-27T12:60:00Z",
                "2026-11-27T12:00:60Z",
                "2026-12-31T23:59:60Z",
                "2026-11-27T12:00:00",
                "2026-11-27T12:00:00.Z",
                "2026-11-27T12:00:00,5Z",
                "2026-11-27T12:00:00.1234567890Z",
                "2026-11-27T12:00:00+01:00",
                "2026-11-27 12:00:00Z",
                "2026-11-27T1a:00:00Z",
                "Z",
                ""
            })
    void otherTextsAreWhatTheyAreToAnInstant(String text) {
        Instant expected;
        try {
            expected = Instant.parse(text);
        } catch (DateTimeException e) {
            assertThatThrownBy(() -> Instants.parse(text)).isInstanceOf(DateTimeException.class);
            return;
        }
        assertThat(Instants.parse(text)).isEqualTo(expected);
    }
}
