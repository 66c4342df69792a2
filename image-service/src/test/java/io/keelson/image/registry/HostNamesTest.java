package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
    @ParameterizedTest
    @CsvSource({
        "registry-1.docker.io, auth.docker.io, true",
        "quay.io, quay.io, true",
        "registry.gitlab.com, gitlab.com, true",
        "REGISTRY.example.com, auth.Example.com, true",
        "registry.example.com, example.org, false",
        "a.co.uk, b.co.uk, false",
        "r.a.co.uk, auth.a.co.uk, true",
        "one.azurecr.io, two.azurecr.io, false",
        "10.0.0.1, 10.0.0.2, false",
        "10.0.0.1, 10.0.0.1, true",
        "registry, token, false",
        "evil-docker.io, auth.docker.io, false",
        "docker.io.evil.com, docker.io, false"
    })
    void knowsWhoseDomainItIs(String one, String other, boolean same) {
        assertThat(HostNames.isSameOwner(one, other)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5000, true",
        "127.0.0.1, true",
        "127.9.9.9:80, true",
        "[::1]:5000, true",
        "127.evil.com, false",
        "localhost.evil.com, false",
        "10.0.0.1, false"
    })
    void knowsLoopback(String host, boolean loopback) {
        assertThat(HostNames.isLoopback(host)).isEqualTo(loopback);
    }
}
