package io.keelson.server.stream;

import io.keelson.host.failure.Failure;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who knows a token may do what it stands for: once, and soon. */
final class Tokens {
    static final int MOST = 1000;
    static final Duration LIFE = Duration.ofMinutes(1);

    private static final int BYTES = 18;

    private record Waiting(Offer offer, Instant until) {}

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock;
    /** The oldest first. */
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    Tokens(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws Failure EXHAUSTED if too many were given and not used */
    synchronized String give(Offer offer) {
        var now = clock.instant();
        waiting.values().removeIf(each -> !now.isBefore(each.until()));
        if (waiting.size() >= MOST) {
            throw new Failure(
                    Failure.Kind.EXHAUSTED,
                    "there are " + MOST + " streams that nobody has come for yet; try again later");
        }
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        var token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        waiting.put(token, new Waiting(offer, now.plus(LIFE)));
        return token;
    }

    /** Absent for what was never given, was taken, or is too old. */
    synchronized Optional<Offer> take(String token) {
        var found = waiting.remove(token);
        return Optional.ofNullable(found)
                .filter(each -> clock.instant().isBefore(each.until()))
                .map(Waiting::offer);
    }
}
