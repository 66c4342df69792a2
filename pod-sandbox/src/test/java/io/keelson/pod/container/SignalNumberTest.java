package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalNumberTest {
    @ParameterizedTest
    @CsvSource({
        "SIGTERM, 15, SIGTERM",
        "term, 15, SIGTERM",
        "9, 9, SIGKILL",
        "SIGIOT, 6, SIGABRT",
        "SIGCLD, 17, SIGCHLD",
        "SIGPOLL, 29, SIGIO",
        "RTMIN, 34, SIGRTMIN",
        "SIGRTMIN+0, 34, SIGRTMIN",
        "SIGRTMIN+3, 37, SIGRTMIN+3",
        "37, 37, SIGRTMIN+3",
        "SIGRTMIN+15, 49, SIGRTMIN+15",
        "SIGRTMAX-14, 50, SIGRTMAX-14",
        "RTMIN+16, 50, SIGRTMAX-14",
        "SIGRTMAX, 64, SIGRTMAX",
        "64, 64, SIGRTMAX"
    })
    void aSignalHasANumberAndOneName(String name, int number, String canonical) {
        assertThat(SignalNumber.of(name)).isEqualTo(number);
        assertThat(SignalNumber.canonical(name)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "65",
                "-1",
                "+9",
                "SIG",
                "SIGSIGTERM",
                "RTMIN+31",
                "RTMAX-31",
                "RTMIN-1",
                "TERM ",
                "\u0669",
                "15.0"
            })
    void anythingElseIsRefused(String name) {
        assertThatThrownBy(() -> SignalNumber.of(name))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void everyNumberHasANameThatMeansIt() {
        for (var number = 1; number <= 64; number++) {
            if (number < 32 || number > 33) {
                assertThat(SignalNumber.of(SignalNumber.canonical(Integer.toString(number))))
                        .isEqualTo(number);
            }
        }
    }

    @Test
    void numbersAreThoseOfTheShell() throws IOException {
        for (var number = 1; number <= 31; number++) {
            var shell = new ProcessBuilder("sh", "-c", "kill -l " + number).start();
            var name = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(SignalNumber.of(name)).as(name).isEqualTo(number);
        }
    }
}
