package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostPausesTest {
    private static final RegistryEndpoint ONE = new RegistryEndpoint("one.example", "a", false, true);
    private static final RegistryEndpoint SAME = new RegistryEndpoint("one.example", "b", false, true);
    private static final RegistryEndpoint OTHER = new RegistryEndpoint("other.example", "a", false, true);

    @Test
    void aPauseIsTheHostsAndTheLongestCounts() {
        var pauses = new HostPauses();
        pauses.ask(ONE, Duration.ofNanos(50), 100);
        pauses.ask(SAME, Duration.ofNanos(10), 110);

        assertThat(pauses.left(SAME, 120)).isEqualTo(Duration.ofNanos(30));
        assertThat(pauses.left(OTHER, 120)).isZero();
        assertThat(pauses.left(ONE, 150)).isZero();
    }

    /** What one pull was told, the next does not ask to be told again. */
    @Test
    void anotherPullDoesNotAskBeforeTheTime() throws IOException {
        var pause = Duration.ofSeconds(1);
        var once = new RegistrySettings(
                Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10), 1, Duration.ofMillis(1), pause);
        var told = new AtomicLong();
        var asked = new AtomicLong();
        try (var registry = new FakeRegistry();
                var client = new RegistryClient(once)) {
            registry.fault(exchange -> {
                if (!exchange.getRequestURI().getPath().contains("/manifests/")) {
                    return false;
                }
                if (told.get() > 0) {
                    asked.set(System.nanoTime());
                    return false;
                }
                told.set(System.nanoTime());
                exchange.getResponseHeaders().add("Retry-After", "1");
                FakeRegistry.answer(exchange, 429, new byte[0]);
                return true;
            });
            var endpoint = new RegistryEndpoint(registry.host(), "app", false, true);
            assertThatThrownBy(() ->
                            client.open(List.of(endpoint), Optional.empty()).resolve("v1"))
                    .hasMessageContaining("answered 429");

            assertThatThrownBy(() ->
                            client.open(List.of(endpoint), Optional.empty()).resolve("v1"))
                    .hasMessageContaining("has no manifest v1");
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(asked.get() - told.get()))
                .isGreaterThanOrEqualTo(pause.toMillis() - 100);
    }
}
