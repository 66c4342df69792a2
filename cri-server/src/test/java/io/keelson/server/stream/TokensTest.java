package io.keelson.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T55")
@Tag("trap-15")
class TokensTest {
    private static final int FEWEST_BITS = 128;

    private Instant now = Instant.EPOCH;
    private final Tokens tokens = new Tokens(() -> now);
    private final Offer offer = new Offer.Ports(List.of(80), _ -> {
        throw new IllegalStateException();
    });

    @Test
    void haveAtLeast128BitsAndAreAllDifferent() {
        var seen = new HashSet<String>();
        for (var i = 0; i < Tokens.MOST; i++) {
            var token = tokens.give(offer);
            assertThat(Base64.getUrlDecoder().decode(token)).hasSizeGreaterThanOrEqualTo(FEWEST_BITS / Byte.SIZE);
            assertThat(seen.add(token)).isTrue();
        }
    }

    @Test
    void serveOnce() {
        var token = tokens.give(offer);

        assertThat(tokens.take(token)).contains(offer);
        assertThat(tokens.take(token)).isEmpty();
    }

    @Test
    void serveForAMinute() {
        var early = tokens.give(offer);
        var late = tokens.give(offer);

        now = now.plus(Duration.ofSeconds(60)).minusMillis(1);
        assertThat(tokens.take(early)).isPresent();
        now = now.plusMillis(1);
        assertThat(tokens.take(late)).isEmpty();
    }

    @Test
    void thatWereNeverGivenServeNobody() {
        assertThat(tokens.take("")).isEmpty();
        assertThat(tokens.take(tokens.give(offer).substring(1))).isEmpty();
    }

    @Test
    void areAThousandAtMostUntilOneIsUsedOrTooOld() {
        var first = tokens.give(offer);
        for (var i = 1; i < 1000; i++) {
            tokens.give(offer);
        }

        assertExhausted();
        assertThat(tokens.take(first)).isPresent();
        tokens.give(offer);
        assertExhausted();
        now = now.plus(Tokens.LIFE);
        tokens.give(offer);
    }

    private void assertExhausted() {
        assertThatThrownBy(() -> tokens.give(offer))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
    }
}
