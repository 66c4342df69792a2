package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostPortRulesTest {
    private static final PublishedPod A = pod("a", "10.88.0.5/16", new PortMapping(Protocol.TCP, 80, 8080, ""));
    private static final PublishedPod B =
            pod("b", "10.88.0.6/16", new PortMapping(Protocol.UDP, 53, 5353, "192.0.2.1"));

    private static PublishedPod pod(String id, String ipv4, PortMapping... ports) {
        return new PublishedPod(
                id,
                "default/pod",
                List.of(ports),
                Optional.of(CidrAddress.parse(ipv4)),
                Optional.of(CidrAddress.parse("fd88::" + ipv4.charAt(8) + "/64")),
                Optional.of("br0"));
    }

    @Test
    void thereIsNoTableWithoutHostPorts() {
        assertThat(HostPortRules.everything(List.of(pod("a", "10.88.0.5/16"))))
                .isEqualTo("add table inet keelson\ndelete table inet keelson\n");
    }

    @Test
    void everythingReplacesTheTableInOneTransaction() {
        assertThat(HostPortRules.everything(List.of(A, B)))
                .startsWith("add table inet keelson\ndelete table inet keelson\ntable inet keelson {")
                .endsWith("""
                        add element inet keelson any4 { tcp . 8080 : 10.88.0.5 . 80 }
                        add element inet keelson any6 { tcp . 8080 : fd88:0:0:0:0:0:0:5 . 80 }
                        add element inet keelson hairpin4 { 10.88.0.0/16 . 10.88.0.5 }
                        add element inet keelson hairpin6 { fd88:0:0:0:0:0:0:0/64 . fd88:0:0:0:0:0:0:5 }
                        add element inet keelson routed { "br0" }
                        add element inet keelson at4 { udp . 192.0.2.1 . 5353 : 10.88.0.6 . 53 }
                        add element inet keelson hairpin4 { 10.88.0.0/16 . 10.88.0.6 }
                        add element inet keelson hairpin6 { fd88:0:0:0:0:0:0:0/64 . fd88:0:0:0:0:0:0:6 }
                        """);
    }

    @Test
    void anotherPodAddsItsOwnElementsOnly() {
        assertThat(HostPortRules.addition(B, List.of(A))).isEqualTo("""
                add element inet keelson at4 { udp . 192.0.2.1 . 5353 : 10.88.0.6 . 53 }
                add element inet keelson hairpin4 { 10.88.0.0/16 . 10.88.0.6 }
                add element inet keelson hairpin6 { fd88:0:0:0:0:0:0:0/64 . fd88:0:0:0:0:0:0:6 }
                """);
    }

    @Test
    void removalOfOnePodLeavesTheRulesOfOthers() {
        assertThat(HostPortRules.removal(A, List.of(B))).isEqualTo("""
                delete element inet keelson any4 { tcp . 8080 }
                delete element inet keelson any6 { tcp . 8080 }
                delete element inet keelson hairpin4 { 10.88.0.0/16 . 10.88.0.5 }
                delete element inet keelson hairpin6 { fd88:0:0:0:0:0:0:0/64 . fd88:0:0:0:0:0:0:5 }
                """);
    }

    @Test
    void removalOfTheLastPodRemovesTheTable() {
        assertThat(HostPortRules.removal(A, List.of())).endsWith("delete table inet keelson\n");
    }

    @Test
    void anUnspecifiedAddressStandsForAllOfItsFamily() {
        var ports = pod(
                "a",
                "10.88.0.5/16",
                new PortMapping(Protocol.SCTP, 80, 1, "0.0.0.0"),
                new PortMapping(Protocol.TCP, 80, 2, "::"));
        assertThat(HostPortRules.addition(ports, List.of(B)))
                .contains("any4 { sctp . 1 :", "any6 { tcp . 2 :")
                .doesNotContain("any6 { sctp", "any4 { tcp");
    }

    @Test
    void aPortWithoutHostPortIsNotPublished() {
        var unpublished = pod("a", "10.88.0.5/16", new PortMapping(Protocol.TCP, 80, 0, ""));
        assertThat(HostPortRules.addition(unpublished, List.of())).isEmpty();
    }

    @Test
    void anAddressOfAFamilyThatThePodHasNoneOfIsRefused() {
        var pod = new PublishedPod(
                "a",
                "default/pod",
                List.of(new PortMapping(Protocol.TCP, 80, 8080, "::1")),
                Optional.of(CidrAddress.parse("10.88.0.5/16")),
                Optional.empty(),
                Optional.empty());
        assertThatThrownBy(() -> HostPortRules.addition(pod, List.of()))
                .isInstanceOf(Failure.class)
                .hasMessage("host port 8080 is asked for on ::1, but the pod has no address of that family");
    }
}
