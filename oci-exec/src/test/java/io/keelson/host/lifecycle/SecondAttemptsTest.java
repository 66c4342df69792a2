package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SecondAttemptsTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch done = new CountDownLatch(1);

    private void failTwice() {
        if (calls.incrementAndGet() <= 2) {
            throw new IllegalStateException("busy");
        }
        done.countDown();
    }

    @Test
    void theFailureIsToldAndTheWorkIsDoneLater() throws Exception {
        try (var attempts = new SecondAttempts(Duration.ofMillis(1))) {
            assertThatThrownBy(() -> attempts.run("remove x", this::failTwice)).hasMessage("busy");

            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(calls).hasValue(3);
    }

    @Test
    void whatFailsAgainWhileItWaitsWaitsOnce() throws Exception {
        try (var attempts = new SecondAttempts(Duration.ofMillis(200))) {
            for (var i = 0; i < 2; i++) {
                assertThatThrownBy(() -> attempts.run("remove x", this::failTwice))
                        .hasMessage("busy");
            }

            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(calls).hasValue(3);
    }

    @Test
    void whatWaitsIsGivenUpAtTheEnd() {
        var attempts = new SecondAttempts(Duration.ofHours(1));
        assertThatThrownBy(() -> attempts.run("remove x", this::failTwice)).hasMessage("busy");

        attempts.close();

        assertThatThrownBy(() -> attempts.run("remove x", this::failTwice)).hasMessage("busy");
        assertThat(calls).hasValue(2);
    }
}
