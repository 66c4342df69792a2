package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** That a call is refused with a definite code and a message that says what and why. */
final class Refused {
    private Refused() {}

    /** Fails unless the call is refused so; {@code words} are what the message has to name. */
    static void with(Code code, ThrowingCallable call, String... words) {
        var refusal = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refusal)
                .as("nothing was refused; the refusal should have named %s", List.of(words))
                .isNotNull();
        assertThat(refusal.getStatus().getCode()).as(refusal.getMessage()).isEqualTo(code);
        for (var word : words) {
            assertThat(refusal.getStatus().getDescription()).containsIgnoringCase(word);
        }
    }
}
