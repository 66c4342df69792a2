package io.keelson.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.server.tracing.Collector.Place.Tcp;
import io.keelson.server.tracing.Collector.Place.Unix;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:4317", "127.1.2.3:1", "localhost:4317", "[::1]:4317", "unix:/run/otel.sock"})
    void onThisNodeNothingIsEncryptedUnlessAuthoritiesAreNamed(String endpoint) {
        var collector = Collector.of("tracing", endpoint, "", false);
        assertThat(collector.place()).hasToString(endpoint);
        assertThat(collector.isEncrypted()).isFalse();
        assertThat(Collector.of("tracing", endpoint, "/ca.pem", false))
                .satisfies(other -> assertThat(other.isEncrypted()).isTrue())
                .satisfies(other -> assertThat(other.authorities()).contains(Path.of("/ca.pem")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"collector.example:4317", "10.0.0.1:4317", "[2001:db8::1]:4317"})
    void elsewhereEverythingIsEncryptedUnlessItMustNotBe(String endpoint) {
        assertThat(Collector.of("tracing", endpoint, "", false).isEncrypted()).isTrue();
        assertThat(Collector.of("tracing", endpoint, "", true).isEncrypted()).isFalse();
    }

    @Test
    void placesAreReadAsTheyAreWritten() {
        assertThat(Collector.of("tracing", "unix:/a b", "", false).place()).isEqualTo(new Unix(Path.of("/a b")));
        assertThat(Collector.of("tracing", "[::1]:80", "", false).place()).isEqualTo(new Tcp("::1", 80));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4317",
                "host",
                "host:",
                "host:65536",
                "http://host:4317",
                "unix:otel.sock",
                "unix:",
                "a b:1",
                ":1"
            })
    void whatIsNoPlaceIsRefusedByTheNameOfItsSetting(String endpoint) {
        assertThatThrownBy(() -> Collector.of("tracing", endpoint, "", false))
                .hasMessage("tracing.endpoint: neither unix:PATH nor a host and a port, 127.0.0.1:4317: " + endpoint);
    }

    @Test
    void authoritiesHaveToBeAPathAndTlsToBeSpoken() {
        assertThatThrownBy(() -> Collector.of("tracing", "a:1", "ca.pem", false))
                .hasMessage("tracing.authorities: not an absolute path: ca.pem");
        assertThatThrownBy(() -> Collector.of("tracing", "a:1", "/ca.pem", true))
                .hasMessageContaining("tracing.insecure");
    }
}
