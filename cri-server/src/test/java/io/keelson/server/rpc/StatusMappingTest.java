package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.host.failure.Failure;
import io.keelson.host.failure.Failure.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusMappingTest {
    private static final Attempt ATTEMPT = Attempt.to("stop pod", "ab12");

    private static final Map<Kind, Code> CODES = Map.ofEntries(
            Map.entry(Kind.INVALID, Code.INVALID_ARGUMENT),
            Map.entry(Kind.ABSENT, Code.NOT_FOUND),
            Map.entry(Kind.ALREADY_EXISTS, Code.ALREADY_EXISTS),
            Map.entry(Kind.WRONG_STATE, Code.FAILED_PRECONDITION),
            Map.entry(Kind.UNAUTHENTICATED, Code.UNAUTHENTICATED),
            Map.entry(Kind.DENIED, Code.PERMISSION_DENIED),
            Map.entry(Kind.EXHAUSTED, Code.RESOURCE_EXHAUSTED),
            Map.entry(Kind.UNAVAILABLE, Code.UNAVAILABLE),
            Map.entry(Kind.TIMEOUT, Code.DEADLINE_EXCEEDED),
            Map.entry(Kind.CANCELLED, Code.CANCELLED),
            Map.entry(Kind.INTERNAL, Code.INTERNAL));

    @Test
    void givesEachKindItsOwnCode() {
        for (var kind : Kind.values()) {
            assertThat(StatusMapping.of(ATTEMPT, new Failure(kind, "why")).getCode())
                    .as(kind.name())
                    .isEqualTo(CODES.get(kind));
        }
    }

    @Test
    void saysWhatWasAttemptedOnWhatAndWhyNot() {
        assertThat(StatusMapping.of(ATTEMPT, Failure.absent("no such pod")).getDescription())
                .isEqualTo("cannot stop pod ab12: no such pod");
    }

    @Test
    void aMessageThatSaysItAllIsPassedOnUnchanged() {
        assertThat(StatusMapping.of(ATTEMPT, Failure.unavailable("cannot detach pod ab12: no answer"))
                        .getDescription())
                .isEqualTo("cannot detach pod ab12: no answer");
    }

    @Test
    void whatComesFromOutsideIsShownInOneLineThatIsNotTooLong() {
        assertThat(Attempt.to("stop pod", "a\0b\nc")).hasToString("stop pod a?b?c");
        assertThat(Attempt.to("stop pod", "")).hasToString("stop pod \"\"");
        assertThat(Attempt.to("stop pod", "x".repeat(1 << 20)).toString()).hasSizeLessThan(200);
        assertThat(Attempt.to("list pods")).hasToString("list pods");
    }

    @Test
    void whatTheMachineLacksIsToldHoweverDeepItLies() {
        for (var lack : List.of(
                new IOException("/proc: Too many open files"),
                new IOException("error=11, Resource temporarily unavailable"),
                new OutOfMemoryError("unable to create native thread"))) {
            var status = StatusMapping.of(
                    ATTEMPT, Failure.internal("cannot end what was started", new IllegalStateException("list", lack)));

            assertThat(status.getCode()).as("%s", lack).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(status.getDescription()).isEqualTo("cannot end what was started");
        }
    }

    @Test
    void keepsWhatItDoesNotKnowOutOfTheReply() {
        for (var bug : new Throwable[] {
            new NullPointerException("secret"),
            new StackOverflowError(),
            Failure.internal("secret", new IllegalStateException())
        }) {
            var status = StatusMapping.of(ATTEMPT, bug);

            assertThat(status.getCode()).isEqualTo(Code.INTERNAL);
            assertThat(status.getDescription())
                    .doesNotContain("secret")
                    .matches("internal error, see the log of keelson for reference [0-9a-f]{8}");
        }
    }

    @Test
    void answersUnknownWithTheWordsThatKubeletLooksFor() {
        for (var failure : new Failure[] {
            Failure.unavailable("RegistryUnavailable: cannot pull image x: connection refused"),
            new Failure(Kind.DENIED, "SignatureValidationFailed: image x")
        }) {
            var status = StatusMapping.of(ATTEMPT, failure);

            assertThat(status.getCode()).isEqualTo(Code.UNKNOWN);
            assertThat(status.getDescription()).isEqualTo(failure.getMessage());
        }
    }

    @Test
    void shortensAMessageBetweenItsCharacters() {
        var longest = "ä".repeat(StatusMapping.LONGEST_MESSAGE_BYTES / 2);

        assertThat(StatusMapping.shortened(longest)).isEqualTo(longest);
        assertThat(StatusMapping.shortened(longest + "x"))
                .endsWith("ä…")
                .satisfies(text -> assertThat(text.getBytes(StandardCharsets.UTF_8).length)
                        .isLessThanOrEqualTo(StatusMapping.LONGEST_MESSAGE_BYTES));
    }
}
