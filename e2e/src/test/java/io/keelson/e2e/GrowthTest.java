package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GrowthTest {
    private static final int LOOKS = 100;
    private static final long MANY = 100_000;

    /** A hundred looks, at which all else stays as it is. */
    private static List<Map<Quantity, Long>> looks(Quantity quantity, IntToLongFunction amount) {
        return IntStream.range(0, LOOKS)
                .mapToObj(number -> Arrays.stream(Quantity.values())
                        .collect(Collectors.toMap(
                                Function.identity(), each -> each == quantity ? amount.applyAsLong(number) : MANY)))
                .toList();
    }

    private static List<Quantity> grown(List<Map<Quantity, Long>> looks) {
        return Growth.between(looks).stream()
                .filter(Growth::isTooMuch)
                .map(Growth::quantity)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void whatGrowsByMoreThanTwoPercentHasGrown(Quantity quantity) {
        assertThat(grown(looks(quantity, number -> number < LOOKS / 2 ? MANY : MANY + MANY / 50)))
                .isEmpty();
        assertThat(grown(looks(quantity, number -> number < LOOKS / 2 ? MANY : MANY + MANY / 50 + 1)))
                .containsExactly(quantity);
    }

    @ParameterizedTest
    @EnumSource
    void ofLittleAFewMoreAreNone(Quantity quantity) {
        assertThat(grown(looks(quantity, number -> number < LOOKS / 2 ? 0 : quantity.slack())))
                .isEmpty();
        assertThat(grown(looks(quantity, number -> number < LOOKS / 2 ? 0 : quantity.slack() + 1)))
                .containsExactly(quantity);
    }

    @Test
    void aLeakThatIsSlowIsSeen() {
        assertThat(grown(looks(Quantity.DESCRIPTORS, number -> 60 + number / 20)))
                .containsExactly(Quantity.DESCRIPTORS);
    }

    @Test
    void lessThanAtFirstIsNoGrowth() {
        assertThat(grown(looks(Quantity.RESIDENT_KIB, number -> MANY - number * 1000L)))
                .isEmpty();
    }

    @Test
    void oneLookAtABadMomentDecidesNothing() {
        assertThat(grown(looks(Quantity.RESIDENT_KIB, number -> number == LOOKS - 1 ? 2 * MANY : MANY)))
                .isEmpty();
        assertThat(grown(looks(Quantity.THREADS, number -> number == 0 ? 1 : MANY)))
                .isEmpty();
    }

    @Test
    void whatIsSaidHasBothNumbersAndTheShare() {
        assertThat(new Growth(Quantity.DESCRIPTORS, 50, 55))
                .hasToString("descriptors: 50 at first, 55 in the end (+10.0 %)");
        assertThat(new Growth(Quantity.MOUNTS, 0, 3)).hasToString("mounts: 0 at first, 3 in the end");
    }
}
