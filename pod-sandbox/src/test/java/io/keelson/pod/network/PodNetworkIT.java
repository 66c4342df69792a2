package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pods on a bridge made by Debian's CNI plugins, with ports of a host that is a network namespace of the test. Needs root, and
 * the packages containernetworking-plugins, iproute2, iptables and nftables.
 */
class PodNetworkIT {
    private static final PortMapping WEB = new PortMapping(Protocol.TCP, 80, 8080, "");
    private static final PortMapping WEB_UDP = new PortMapping(Protocol.UDP, 80, 8080, "");

    @TempDir
    Path base;

    private TestHost host;

    @BeforeEach
    void make() throws IOException {
        host = new TestHost(base);
    }

    @AfterEach
    void unmake() throws IOException {
        host.close();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 10.77.0.1",
        "127.1.2.3, 10.77.0.1",
        "192.0.2.1, 192.0.2.1",
        "10.77.0.1, 10.77.0.1",
        "fd01::1, fd01::1",
        "fd77::1, fd77::1"
    })
    void aPublishedPortAnswersTheHostOnAllItsAddresses(String address, String seenAs) throws IOException {
        var pod = host.startPod("a", WEB);
        assertThat(pod.answerTo(host.namespace, address, 8080)).isEqualTo("a sees " + seenAs);
    }

    @Test
    void onTheHostsOwnIpv6LoopbackThePortIsTheHosts() throws IOException {
        host.startPod("a", WEB);
        try (var own = new EchoServer("host", host.namespace, "::1", 8080)) {
            assertThat(own.answerTo(host.namespace, "::1", 8080)).startsWith("host sees");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "fd01::1"})
    void aPublishedPortAnswersNeighboursWhoKeepTheirAddress(String address) throws IOException {
        var pod = host.startPod("a", WEB);
        assertThat(pod.answerTo(host.neighbour, address, 8080))
                .isEqualTo("a sees " + (address.contains(":") ? "fd01::9" : "192.0.2.9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "10.77.0.1", "fd01::1", "fd77::1"})
    void aPublishedPortAnswersOtherPodsAndThePodItself(String address) throws IOException {
        var a = host.startPod("a", WEB);
        var b = host.startPod("b");
        var gateway = address.contains(":") ? "fd77::1" : "10.77.0.1";
        assertThat(a.answerTo(b.namespace(), address, 8080)).isEqualTo("a sees " + gateway);
        assertThat(a.answerTo(a.namespace(), address, 8080)).isEqualTo("a sees " + gateway);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "192.0.2.1", "fd01::1"})
    void udpIsPublishedToo(String address) throws IOException {
        var pod = host.startPod("a", WEB_UDP);
        assertThat(pod.datagramAnswerTo(host.namespace, address, 8080)).startsWith("a sees");
        assertThatThrownBy(() -> pod.answerTo(host.namespace, address, 8080)).hasMessageContaining("refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "fd01::1"})
    void aClientThatGoesOnSendingDatagramsReachesTheNextPod(String address) throws IOException {
        try (var client = new DatagramClient(host.neighbour, address, 8080)) {
            host.startPod("a", WEB_UDP);
            assertThat(client.ask()).startsWith("a sees");
            host.stopPod("a");
            assertThatThrownBy(client::ask).hasMessageContaining("timed out");
            host.startPod("b", WEB_UDP);
            assertThat(client.ask()).startsWith("b sees");
        }
    }

    @Test
    void sctpIsPublishedWhereTheKernelHasIt() throws IOException {
        assumeTrue(SctpEcho.isPossible(), "this kernel has no SCTP: the rules are tested in NftablesIT, no packet is");
        var pod = host.startPod("a", new PortMapping(Protocol.SCTP, 80, 8080, ""));
        SctpEcho.serve(pod.namespace(), 80);
        assertThat(SctpEcho.ask(host.neighbour, "192.0.2.1", 8080)).isEqualTo("192.0.2.9");
    }

    @Test
    void aPortOfOneAddressAnswersThereAlone() throws IOException {
        var a = host.startPod("a", new PortMapping(Protocol.TCP, 80, 8080, "192.0.2.1"));
        var b = host.startPod("b", new PortMapping(Protocol.TCP, 80, 8080, "127.0.0.1"));
        assertThat(a.answerTo(host.namespace, "192.0.2.1", 8080)).startsWith("a sees");
        assertThat(b.answerTo(host.namespace, "127.0.0.1", 8080)).startsWith("b sees");
        assertThatThrownBy(() -> a.answerTo(host.namespace, "10.77.0.1", 8080)).hasMessageContaining("refused");
        assertThatThrownBy(() -> b.answerTo(host.neighbour, "127.0.0.1", 8080)).hasMessageContaining("refused");
    }

    @Test
    void thePodIsReachedDirectlyAsWell() throws IOException {
        var pod = host.startPod("a", WEB);
        assertThat(pod.answerTo(host.namespace, pod.addresses().primary(), 80)).isEqualTo("a sees 10.77.0.1");
        assertThat(pod.addresses()).isEqualTo(new PodAddresses("10.77.0.2", List.of("fd77::2")));
    }

    @Test
    void podsDoNotReachWhatListensOnTheHostsLoopback() throws IOException {
        var pod = host.startPod("a", WEB);
        try (var secret = new EchoServer("secret", host.namespace, "127.0.0.1", 7777)) {
            assertThat(secret.answerTo(host.namespace, "127.0.0.1", 7777)).startsWith("secret");
            pod.namespace().execute("/usr/sbin/ip", "addr", "del", "127.0.0.1/8", "dev", "lo");
            pod.namespace().execute("/usr/sbin/ip", "route", "add", "127.0.0.0/8", "via", "10.77.0.1", "dev", "eth0");
            pod.namespace().execute("/usr/sbin/sysctl", "-qw", "net.ipv4.conf.eth0.route_localnet=1");
            assertThatThrownBy(() -> secret.answerTo(pod.namespace(), "127.0.0.1", 7777))
                    .hasMessageContaining("timed out");
        }
    }

    @Test
    void afterTheLastPodNothingIsLeft() throws IOException {
        var before = host.leftovers();
        for (var round = 0; round < 3; round++) {
            host.startPod("a", WEB, WEB_UDP);
            host.startPod("b");
            host.stopPod("a");
            host.stopPod("b");
        }
        assertThat(host.leftovers()).isEqualTo(before);
    }

    @Test
    @Tag("trap-5")
    @Tag("P3")
    void afterARebootTheAddressAndThePortsOfAPodAreGivenBack() throws IOException {
        var before = host.leftovers();
        host.startPod("a", WEB, WEB_UDP);
        host.reboot("a");
        host.restartDaemon();
        host.namespace.run(() -> {
            host.network().restoreHostPorts(Set.of(), Set.of());
            host.network().rebuildHostPorts();
            host.network().detach("a", Optional.empty());
        });
        host.awaitLeftovers(before);
    }

    @Test
    void aPodThatGoesLeavesTheOthersTheirPorts() throws IOException {
        host.startPod("a", WEB);
        var b = host.startPod("b", new PortMapping(Protocol.TCP, 80, 8081, ""));
        host.stopPod("a");
        assertThat(b.answerTo(host.namespace, "127.0.0.1", 8081)).isEqualTo("b sees 10.77.0.1");
        assertThatThrownBy(() -> b.answerTo(host.namespace, "127.0.0.1", 8080)).hasMessageContaining("refused");
    }

    @Test
    void portsSurviveTheDaemonAndAreRebuiltByTheNext() throws IOException {
        var pod = host.startPod("a", WEB);
        host.restartDaemon();
        assertThat(pod.answerTo(host.namespace, "127.0.0.1", 8080)).startsWith("a sees");
        host.namespace.execute("/usr/sbin/nft", "delete", "table", "inet", "keelson");
        host.namespace.run(() -> {
            host.network().restoreHostPorts(Set.of("a"), Set.of());
            host.network().rebuildHostPorts();
        });
        assertThat(pod.answerTo(host.namespace, "127.0.0.1", 8080)).startsWith("a sees");
        var before = host.leftovers();
        host.stopPod("a");
        assertThat(host.leftovers()).isNotEqualTo(before).doesNotContain("keelson");
    }

    @Test
    void aFullAddressPoolIsAFailureThatLeavesTheOthers() throws IOException {
        host.useSubnet("10.77.0.0/30");
        var a = host.startPod("a", WEB);
        var before = host.leftovers();
        assertThatThrownBy(() -> host.startPod("b", new PortMapping(Protocol.TCP, 80, 8081, "")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("no IP addresses available");
        assertThat(host.leftovers()).isEqualTo(before);
        assertThat(a.answerTo(host.namespace, "127.0.0.1", 8080)).startsWith("a sees");
    }
}
