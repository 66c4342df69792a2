package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SideBySideTest {
    private final SideBySide forks = Forks::join;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SideBySide.SLICE - 1, SideBySide.SLICE, SideBySide.SLICE + 1, 3 * SideBySide.SLICE})
    void eachHasItsResultInItsPlace(int count) {
        var numbers = IntStream.range(0, count).boxed().toList();
        var doubled = numbers.stream().map(number -> 2 * number).toList();

        assertThat(forks.each(numbers, number -> 2 * number)).isEqualTo(doubled);
        assertThat(((SideBySide) Forks::inOrder).each(numbers, number -> 2 * number))
                .isEqualTo(doubled);
    }

    @Test
    void whatOneOfThemThrowsIsThrown() {
        assertThatThrownBy(() -> forks.each(List.of(1, 0), number -> 1 / number))
                .isInstanceOf(ArithmeticException.class);
    }
}
