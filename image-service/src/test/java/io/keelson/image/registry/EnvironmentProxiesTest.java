package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentProxiesTest {
    private static String proxy(Map<String, String> environment, String uri) {
        var proxy = EnvironmentProxies.of(environment)
                .orElseThrow()
                .select(URI.create(uri))
                .getFirst();
        return proxy.type() == Proxy.Type.DIRECT
                ? "direct"
                : ((InetSocketAddress) proxy.address()).getHostString() + ":"
                        + ((InetSocketAddress) proxy.address()).getPort();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://quay.io/v2/ | | 127.0.0.9:3128",
                "http://quay.io/v2/ | | 127.0.0.8:80",
                "https://quay.io/v2/ | quay.io | direct",
                "https://cdn.quay.io/v2/ | quay.io | direct",
                "https://cdn.quay.io/v2/ | .quay.io | direct",
                "https://cdn.quay.io/v2/ | *.quay.io | direct",
                "https://quay.io/v2/ | .quay.io | 127.0.0.9:3128",
                "https://notquay.io/v2/ | quay.io | 127.0.0.9:3128",
                "https://quay.io/v2/ | other.io, QUAY.io:443 | direct",
                "https://quay.io/v2/ | quay.io:5000 | 127.0.0.9:3128",
                "https://quay.io/v2/ | * | direct",
                "https://10.1.2.3:5000/v2/ | 10.0.0.0/8 | direct",
                "https://10.1.2.3/v2/ | 10.1.2.0/31 | 127.0.0.9:3128",
                "https://10.1.2.3/v2/ | 10.1.2.2/31 | direct",
                "https://10.1.2.3/v2/ | 10.1.2.3 | direct",
                "https://10.1.2.3/v2/ | 10.1.2.0/99 | 127.0.0.9:3128",
                "https://[fd00::1]/v2/ | fd00::/8 | direct",
                "https://[fe00::1]/v2/ | fd00::/8 | 127.0.0.9:3128",
                "https://localhost/v2/ | | direct",
                "https://127.0.0.1:5000/v2/ | | direct",
                "https://[::1]:5000/v2/ | | direct",
            })
    void aRegistryIsAskedThroughItsProxy(String uri, String exceptions, String expected) {
        var environment = new HashMap<>(Map.of("HTTPS_PROXY", "http://127.0.0.9:3128", "http_proxy", "127.0.0.8"));
        if (exceptions != null) {
            environment.put("no_proxy", exceptions);
        }

        assertThat(proxy(environment, uri)).isEqualTo(expected);
    }

    @Test
    void passwordIsForTheProxyAlone() {
        var proxies = EnvironmentProxies.of(
                        Map.of("HTTP_PROXY", "http://us%40er:p%3Aw+d@proxy.example:1", "NO_PROXY", "quay.io"))
                .orElseThrow();

        assertThat(proxies.authorization(URI.create("http://docker.io/"))).contains("Basic dXNAZXI6cDp3K2Q=");
        assertThat(proxies.authorization(URI.create("http://quay.io/"))).isEmpty();
        assertThat(proxies.authorization(URI.create("https://docker.io/"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://p:1", "https://p:1", "http://", "http://u:s3cret@", "::"})
    void whatIsNoProxyIsRefusedWithoutItsPassword(String value) {
        assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("HTTPS_PROXY", value)))
                .hasMessageContaining("HTTPS_PROXY")
                .satisfies(failure -> assertThat(failure.toString()).doesNotContain("s3cret"));
    }

    @Test
    void withoutVariablesThereIsNone() {
        assertThat(EnvironmentProxies.of(Map.of("NO_PROXY", "*"))).isEmpty();
    }
}
