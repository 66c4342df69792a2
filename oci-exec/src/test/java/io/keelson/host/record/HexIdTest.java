package io.keelson.host.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HexIdTest {
    private static final String DIGITS = "0123456789abcdef".repeat(4);

    @Test
    void sixtyFourDigitsAreOne() {
        assertThat(HexId.is(DIGITS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", ":", "`", "g", "A", "F", "\0", "\n", "é", "٣"})
    void otherSignsAreNone(String sign) {
        assertThat(HexId.is(sign + DIGITS.substring(1))).isFalse();
        assertThat(HexId.is(DIGITS.substring(1) + sign)).isFalse();
    }

    @Test
    void neitherIsWhatIsShorterOrLonger() {
        assertThat(HexId.is("")).isFalse();
        assertThat(HexId.is(DIGITS.substring(1))).isFalse();
        assertThat(HexId.is(DIGITS + "0")).isFalse();
    }
}
