package io.keelson.host.record;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Points in time as records keep them: what {@link Instant#toString} gives. */
public final class Instants {
    private static final int SECONDS_END = "2026-01-01T00:00:00".length();
    private static final int NANO_DIGITS = 9;
    private static final int RADIX = 10;
    private static final int HOURS = 24;
    private static final int SECONDS = 60;

    private Instants() {}

    /**
     * As {@link Instant#parse}, which takes many times as long in code that is not compiled yet, as it is when a daemon starts and reads a
     * thousand of them.
     *
     * @throws DateTimeException if it is none
     */
    public static Instant parse(String text) {
        return hasUsualForm(text)
                ? LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
                        .atTime(digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19), nanos(text))
                        .toInstant(ZoneOffset.UTC)
                : Instant.parse(text);
    }

    private static boolean hasUsualForm(String text) {
        var end = text.length() - 1;
        return end >= SECONDS_END
                && end <= SECONDS_END + 1 + NANO_DIGITS
                && text.charAt(end) == 'Z'
                && isShaped(text)
                // The end of a day and leap seconds are other points than they say.
                && digits(text, 11, 13) < HOURS
                && digits(text, 17, SECONDS_END) < SECONDS
                && (end == SECONDS_END || isFraction(text, end));
    }

    private static boolean isFraction(String text, int end) {
        return text.charAt(SECONDS_END) == '.' && end > SECONDS_END + 1 && areDigits(text, SECONDS_END + 1, end);
    }

    private static boolean isShaped(String text) {
        return areDigits(text, 0, 4)
                && text.charAt(4) == '-'
                && areDigits(text, 5, 7)
                && text.charAt(7) == '-'
                && areDigits(text, 8, 10)
                && text.charAt(10) == 'T'
                && areDigits(text, 11, 13)
                && text.charAt(13) == ':'
                && areDigits(text, 14, 16)
                && text.charAt(16) == ':'
                && areDigits(text, 17, SECONDS_END);
    }

    private static boolean areDigits(String text, int from, int to) {
        for (var i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static int digits(String text, int from, int to) {
        var value = 0;
        for (var i = from; i < to; i++) {
            value = value * RADIX + (text.charAt(i) - '0');
        }
        return value;
    }

    private static int nanos(String text) {
        var end = text.length() - 1;
        if (end == SECONDS_END) {
            return 0;
        }
        var nanos = digits(text, SECONDS_END + 1, end);
        for (var missing = SECONDS_END + 1 + NANO_DIGITS - end; missing > 0; missing--) {
            nanos *= RADIX;
        }
        return nanos;
    }
}
