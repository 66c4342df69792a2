package io.keelson.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @Test
    void isASocketOrAPortOfLoopback() {
        assertThat(ListenAddress.parse("k", "unix:/run/m.sock"))
                .isEqualTo(new ListenAddress.Unix(Path.of("/run/m.sock")));
        assertThat(ListenAddress.parse("k", "127.0.0.1:9637")).hasToString("/127.0.0.1:9637");
        assertThat(ListenAddress.parse("k", "[::1]:0")).isInstanceOf(ListenAddress.Loopback.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unix:m.sock",
                "localhost:9637",
                "9637",
                ":9637",
                "127.0.0.1",
                "127.0.0.1:65536",
                "0.0.0.0:9637",
                "10.0.0.1:9637",
                "[::]:9637",
                "127.0.0.1[::1]:9637",
                "1.2.3:1",
                "999.0.0.1:1",
                "127.0.0.1:x"
            })
    void isNothingElse(String text) {
        assertThatThrownBy(() -> ListenAddress.parse("metrics.listen", text))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("metrics.listen");
    }
}
