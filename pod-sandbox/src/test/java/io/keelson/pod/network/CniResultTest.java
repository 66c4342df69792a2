package io.keelson.pod.network;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CniResultTest {
    private static CniResult parse(String json) {
        return CniResult.parse(json.replace('\'', '"').getBytes(UTF_8));
    }

    @Test
    void addressesKeepTheOrderAndTheTextOfThePlugin() {
        var result = parse("{'ips':[{'address':'fd88::5/64'},{'address':'10.88.0.5/16'},{'address':'10.89.0.5/16'}]}");
        assertThat(result.podAddresses()).isEqualTo(new PodAddresses("fd88::5", List.of("10.88.0.5", "10.89.0.5")));
        assertThat(result.firstIpv4()).hasToString("Optional[10.88.0.5/16]");
        assertThat(result.firstIpv6()).contains(CidrAddress.parse("fd88::5/64"));
    }

    @Test
    void addressesOfInterfacesOfTheHostAreNotThePods() {
        var result = parse("""
                {'interfaces':[{'name':'br0'},{'name':'eth0','sandbox':'/run/x'}],
                 'ips':[{'address':'10.88.0.1/16','interface':0},{'address':'10.88.0.5/16','interface':1}]}""");
        assertThat(result.podAddresses()).isEqualTo(new PodAddresses("10.88.0.5", List.of()));
    }

    @Test
    void resultsBeforeCni03AreUnderstood() {
        var result = parse("{'cniVersion':'0.2.0','ip4':{'ip':'10.88.0.5/16'},'ip6':{'ip':'fd88::5/64'}}");
        assertThat(result.podAddresses()).isEqualTo(new PodAddresses("10.88.0.5", List.of("fd88::5")));
    }

    @Test
    void aPodWithoutAnAddressIsRefused() {
        assertThatThrownBy(() -> parse("{'ips':[]}").podAddresses()).hasMessageContaining("no IP address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{'ips':{}}",
                "{'ips':[{}]}",
                "{'ips':[{'address':'10.88.0.5'}]}",
                "{'ips':[{'address':'10.88.0.5/33'}]}",
                "{'ips':[{'address':'example.com/8'}]}",
                "{'ips':[{'address':'10.88.0.5/-1'}]}",
                "{'ips':[{'address':'10.88.0.5/16','interface':1}]}",
                "{'ips':[{'address':'10.88.0.5/16','interface':-1}]}",
                "{'ips':[{'address':'10.88.0.5/16','interface':1e99}]}",
                "{} {}"
            })
    void garbageIsRefused(String garbage) {
        assertThatThrownBy(() -> parse(garbage)).isInstanceOf(Failure.class);
    }

    @Test
    void aHundredThousandNestedArraysAreRefused() {
        assertThatThrownBy(() -> parse("{'a':" + "[".repeat(100_000))).isInstanceOf(Failure.class);
    }

    @Test
    void networksAreCutAtTheirPrefix() {
        assertThat(CidrAddress.parse("10.88.255.5/20").network()).isEqualTo("10.88.240.0/20");
        assertThat(CidrAddress.parse("10.88.0.5/32").network()).isEqualTo("10.88.0.5/32");
        assertThat(CidrAddress.parse("10.88.0.5/0").network()).isEqualTo("0.0.0.0/0");
        assertThat(CidrAddress.parse("fd88::ffff/113").network()).isEqualTo("fd88:0:0:0:0:0:0:8000/113");
    }
}
