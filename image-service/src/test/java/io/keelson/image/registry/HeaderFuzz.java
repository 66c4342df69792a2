package io.keelson.image.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.keelson.image.fuzz.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Retry-After and Content-Range: any value is answered, and no wait is negative or longer than the longest. */
public final class HeaderFuzz {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private HeaderFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                "120".getBytes(ISO_8859_1),
                "Thu, 1 Jan 2026 00:00:30 GMT".getBytes(ISO_8859_1),
                "bytes 5-9/10".getBytes(ISO_8859_1),
                "bytes 5-9/*".getBytes(ISO_8859_1));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        var value = new String(input, ISO_8859_1);
        Refusal.orSuccess(() -> {
            RegistryBlob.isRest(value, 5, 10);
            RetryAfter.parse(value, NOW, LONGEST).ifPresent(HeaderFuzz::check);
        });
    }

    private static void check(Duration wait) {
        if (wait.isNegative() || wait.compareTo(LONGEST) > 0) {
            throw new AssertionError("would wait " + wait);
        }
    }
}
