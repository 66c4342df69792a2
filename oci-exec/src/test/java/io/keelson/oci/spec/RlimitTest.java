package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RlimitTest {
    @ParameterizedTest
    @CsvSource({
        "nofile=1:2, RLIMIT_NOFILE, 1, 2",
        "nofile=7, RLIMIT_NOFILE, 7, 7",
        "core=0:-1, RLIMIT_CORE, 0, -1",
        "memlock=-1, RLIMIT_MEMLOCK, -1, -1"
    })
    void softAndHardAreRead(String text, String type, long soft, long hard) {
        assertThat(Rlimit.parse(text)).isEqualTo(new Rlimit(type, soft, hard));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nofile",
                "nofile=",
                "nofile=a",
                "nofile=1:2:3",
                "NOFILE=1",
                "nothing=1",
                "nofile=2:1",
                "nofile=-1:1",
                "nofile=-2",
                "nofile=9999999999999999999",
                "nofile=1\n"
            })
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Rlimit.parse(text))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void aLimitThatCannotBeRaisedStaysWhereItIs() {
        assertThat(new Rlimit("X", 5, 10).atMost(10)).isEqualTo(new Rlimit("X", 5, 10));
        assertThat(new Rlimit("X", 5, 11).atMost(10)).isEqualTo(new Rlimit("X", 5, 10));
        assertThat(new Rlimit("X", 11, 11).atMost(10)).isEqualTo(new Rlimit("X", 10, 10));
        assertThat(new Rlimit("X", -1, -1).atMost(10)).isEqualTo(new Rlimit("X", 10, 10));
        assertThat(new Rlimit("X", -1, -1).atMost(Rlimit.UNLIMITED)).isEqualTo(new Rlimit("X", -1, -1));
    }
}
