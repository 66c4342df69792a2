package io.keelson.image.hosts;

import io.keelson.host.failure.Failure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** A length of time as Go writes it: {@code 1m30s}, {@code 0.5s}, {@code 300ms}. */
final class GoDuration {
    private static final Pattern PART =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{0,9})?|\\.[0-9]{1,9})(ns|us|µs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);

    private GoDuration() {}

    /** @throws Failure INVALID if it is none, or not longer than nothing */
    static Duration parse(String text) {
        var part = PART.matcher(text);
        var total = BigDecimal.ZERO;
        var end = 0;
        while (part.find() && part.start() == end) {
            total = total.add(new BigDecimal(part.group(1))
                    .multiply(BigDecimal.valueOf(Objects.requireNonNull(NANOS.get(part.group(2))))));
            end = part.end();
        }
        if (end != text.length() || total.signum() <= 0 || total.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw Failure.invalid("\"" + text + "\" is no length of time such as \"5s\"");
        }
        return Duration.ofNanos(total.setScale(0, RoundingMode.DOWN).longValueExact());
    }
}
