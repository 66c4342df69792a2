package io.keelson.image.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** How long a registry asks us to wait (RFC 9110, Retry-After): seconds or a date. */
final class RetryAfter {
    private RetryAfter() {}

    /** At most {@code longest}; absent if the header says nothing sensible. */
    static Optional<Duration> parse(String value, Instant now, Duration longest) {
        var text = value.strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.chars().allMatch(character -> character >= '0' && character <= '9')) {
            var seconds = text.length() > 9 ? Long.MAX_VALUE : Long.parseLong(text);
            return Optional.of(seconds >= longest.toSeconds() ? longest : Duration.ofSeconds(seconds));
        }
        try {
            var until = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            var wait = Duration.between(now, until);
            if (wait.isNegative()) {
                return Optional.of(Duration.ZERO);
            }
            return Optional.of(wait.compareTo(longest) > 0 ? longest : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
