package io.keelson.e2e.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePlaceTest {
    private final NodePlace place = new NodePlace(Path.of("/place"), "kle0001", "10.231.16.", "/keelson-e2e-0001");

    @ParameterizedTest
    @CsvSource({
        "10.231.16.112, true",
        "10.231.19.255, true",
        "10.231.20.1, false",
        "10.231.1.16, false",
        "110.231.16.1, false",
        "10.231.161.1, false",
        "ip daddr 10.231.17.4 tcp dport 80 accept, true",
        "last_reserved_ip.0, false",
    })
    void knowsTheAddressesOfItsSubnet(String text, boolean expected) {
        assertThat(place.namesAddress(text)).isEqualTo(expected);
    }
}
