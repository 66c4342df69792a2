package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That others go on while a look hangs in the kernel is shown end to end, with a file system that hangs. */
@Tag("stuck")
class PatientLooksTest {
    private static final String PATH = "/net/away";

    @Test
    void oneLookAtATimeHangsHoweverOftenItIsAskedForAndTheNextOneIsAnother() throws IOException {
        var looks = new PatientLooks<String>(Duration.ZERO);
        var answer = new CompletableFuture<String>();
        var begun = new AtomicInteger();

        for (var i = 0; i < 3; i++) {
            assertThatThrownBy(() -> looks.at(PATH, () -> {
                        begun.incrementAndGet();
                        return answer.join();
                    }))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                    .hasMessageContaining(PATH);
        }
        answer.complete("there");

        assertThat(begun).hasValueLessThanOrEqualTo(1);
        assertThat(new PatientLooks<String>(PatientLooks.PATIENCE).at(PATH, () -> "now"))
                .isEqualTo("now");
    }

    @Test
    void whatALookThrowsIsThrown() {
        var looks = new PatientLooks<String>(PatientLooks.PATIENCE);

        assertThatThrownBy(() -> looks.at(PATH, () -> {
                    throw new IOException("no such file");
                }))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> looks.at(PATH, () -> {
                    throw Failure.invalid("not plain");
                }))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }
}
