package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "1, PT1S",
        "0, PT0S",
        "1000000000, PT60S",
        "99999999999999999999999, PT60S",
        "'Thu, 01 Jan 2026 00:00:10 GMT', PT10S",
        "'Thu, 01 Jan 2026 10:00:00 GMT', PT60S",
        "'Wed, 31 Dec 2025 00:00:00 GMT', PT0S",
        "-5,",
        "soon,",
        "'',"
    })
    void waitsAsAskedButNeverLong(String header, Duration expected) {
        assertThat(RetryAfter.parse(header, NOW, Duration.ofSeconds(60)).orElse(null))
                .isEqualTo(expected);
    }
}
