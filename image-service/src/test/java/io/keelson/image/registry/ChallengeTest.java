package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
    @Test
    void readsParametersWithQuotesCommasAndEscapes() {
        var challenges = Challenge.parse(
                "Bearer realm=\"https://auth.example/token\" , service=reg,scope=\"repository:a/b:pull,push\", x=\"a\\\"b\"");

        assertThat(challenges).singleElement().satisfies(challenge -> {
            assertThat(challenge.scheme()).isEqualTo("bearer");
            assertThat(challenge.parameter("realm")).isEqualTo("https://auth.example/token");
            assertThat(challenge.parameter("service")).isEqualTo("reg");
            assertThat(challenge.parameter("scope")).isEqualTo("repository:a/b:pull,push");
            assertThat(challenge.parameter("x")).isEqualTo("a\"b");
            assertThat(challenge.parameter("absent")).isEmpty();
        });
    }

    @Test
    void readsSeveralChallengesOfOneHeader() {
        assertThat(Challenge.parse("Negotiate, NTLM abc==, Basic realm=\"x\", Bearer REALM=y"))
                .extracting(Challenge::scheme)
                .contains("negotiate", "basic", "bearer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer realm=\"open", "Bearer realm=a, realm=b", "\"", "Bearer =x", "===="})
    void refusesWhatCannotBeRead(String header) {
        assertThatThrownBy(() -> Challenge.parse(header)).isInstanceOf(Failure.class);
    }

    @Test
    void refusesAHugeOne() {
        assertThat(Challenge.parse("Bearer a=" + "b".repeat(Challenge.MAX_LENGTH - 9)))
                .hasSize(1);
        assertThatThrownBy(() -> Challenge.parse("Bearer a=" + "b".repeat(Challenge.MAX_LENGTH - 8)))
                .hasMessageContaining("longer than");
    }
}
