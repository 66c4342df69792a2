package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortsTest {
    private final FakePacketFilter filter = new FakePacketFilter();
    private final FakeLoopbackRouting routing = new FakeLoopbackRouting();
    private final FakeFlows flows = new FakeFlows();
    private final HostPorts ports = new HostPorts(filter, routing, flows);

    private static PortMapping tcp(int hostPort, String hostIp) {
        return new PortMapping(Protocol.TCP, 80, hostPort, hostIp);
    }

    private PublishedPod pod(String id, int hostPort) {
        var pod = new PublishedPod(
                id,
                "default/" + id,
                List.of(tcp(hostPort, "")),
                Optional.of(CidrAddress.parse("10.88.0." + hostPort % 250 + "/16")),
                Optional.empty(),
                Optional.empty());
        return new PublishedPod(id, pod.name(), pod.ports(), pod.ipv4(), pod.ipv6(), ports.interfaceToRoute(pod));
    }

    @ParameterizedTest
    @CsvSource(
            value = {"'',''", "'',192.0.2.1", "192.0.2.1,0.0.0.0", "192.0.2.1,192.0.2.1", "::,''", "fd00::1,fd00:0::1"})
    void aPortThatAnotherPodHasIsRefusedWithItsName(String first, String second) {
        ports.reserve("a", "default/a", List.of(tcp(8080, first)));
        assertThatThrownBy(() -> ports.reserve("b", "default/b", List.of(tcp(8080, second))))
                .hasMessageContaining("host port tcp")
                .hasMessageEndingWith(":8080 belongs to pod default/a (a) already")
                .extracting(e -> ((Failure) e).kind())
                .isEqualTo(Failure.Kind.ALREADY_EXISTS);
    }

    @Test
    void otherAddressesOtherProtocolsAndOtherPortsAreFree() {
        ports.reserve("a", "default/a", List.of(tcp(8080, "192.0.2.1")));
        ports.reserve("b", "default/b", List.of(tcp(8080, "192.0.2.2"), tcp(8080, "::"), tcp(8081, "")));
        ports.reserve("c", "default/c", List.of(new PortMapping(Protocol.UDP, 80, 8080, "192.0.2.1")));
    }

    @Test
    void aPodMayReserveAgainWhatItHas() {
        ports.reserve("a", "default/a", List.of(tcp(8080, "")));
        ports.reserve("a", "default/a", List.of(tcp(8080, "")));
    }

    @Test
    void aReleasedPortIsFree() {
        ports.reserve("a", "default/a", List.of(tcp(8080, "")));
        ports.release("a");
        ports.reserve("b", "default/b", List.of(tcp(8080, "")));
    }

    @Test
    void aPortThatIsAskedForTwiceIsRefused() {
        var mappings = List.of(tcp(8080, ""), new PortMapping(Protocol.TCP, 81, 8080, ""));
        assertThatThrownBy(() -> ports.reserve("a", "default/a", mappings)).hasMessageContaining("asked for twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "1.2.3", "127.1", "1.2.3.4; flush ruleset", "fe80::1%eth0", "0x7f.0.0.1", " 1.2.3.4"
            })
    void anAddressThatIsNoneIsRefused(String hostIp) {
        assertThatThrownBy(() -> ports.reserve("a", "default/a", List.of(tcp(8080, hostIp))))
                .hasMessage("\"" + hostIp + "\" is not an IP address");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void aPortThatIsNoneIsRefused(int port) {
        assertThatThrownBy(() -> ports.reserve("a", "default/a", List.of(tcp(port, ""))))
                .hasMessageContaining("is not 1 to 65535");
        assertThatThrownBy(() -> ports.reserve("a", "default/a", List.of(new PortMapping(Protocol.TCP, port, 1, ""))))
                .hasMessageContaining("container port " + port + " is not 1 to 65535");
    }

    @Test
    void onePodIsOneTransaction() {
        ports.publish(pod("a", 8080));
        ports.publish(pod("b", 8081));
        ports.withdraw("a");
        ports.withdraw("b");
        ports.withdraw("b");
        assertThat(filter.transactions).hasSize(4);
    }

    @Test
    void rulesThatSomebodyFlushedAreAllBroughtBack() {
        ports.publish(pod("a", 8080));
        filter.refusals = 1;
        ports.publish(pod("b", 8081));
        assertThat(filter.last()).contains("tcp . 8080", "tcp . 8081", "table inet keelson {");
    }

    @Test
    void aRefusedPodIsNotPublishedAndTheOthersAre() {
        ports.publish(pod("a", 8080));
        filter.refusals = 2;
        assertThatThrownBy(() -> ports.publish(pod("b", 8081))).isInstanceOf(Failure.class);
        ports.publish(pod("c", 8082));
        assertThat(filter.last()).contains("tcp . 8082").doesNotContain("8081", "8080");
    }

    @Test
    void aWithdrawalThatFailsIsTriedAgain() {
        ports.publish(pod("a", 8080));
        filter.refusals = 2;
        assertThatThrownBy(() -> ports.withdraw("a")).isInstanceOf(Failure.class);
        ports.withdraw("a");
        assertThat(filter.last()).endsWith("delete table inet keelson\n");
    }

    @Test
    void loopbackIsRoutedFromTheFirstPodToTheLast() {
        ports.publish(pod("a", 8080));
        ports.publish(pod("b", 8081));
        ports.withdraw("a");
        assertThat(routing.on).containsExactly("br0");
        ports.withdraw("b");
        assertThat(routing.on).isEmpty();
    }

    @Test
    void loopbackRoutingThatWasOnBeforeStaysOn() {
        routing.on.add("br0");
        ports.publish(pod("a", 8080));
        ports.withdraw("a");
        assertThat(routing.changes).isEmpty();
        assertThat(filter.transactions.getFirst()).doesNotContain("add element inet keelson routed");
    }

    @Test
    void aRebuildSwitchesOffWhatOnlyGonePodsNeeded() {
        routing.on.add("br0");
        routing.on.add("veth1");
        var pod = new PublishedPod(
                "a",
                "default/a",
                List.of(tcp(8080, "")),
                Optional.of(CidrAddress.parse("10.88.0.5/16")),
                Optional.empty(),
                Optional.of("br0"));
        ports.restore(List.of(pod));
        assertThatThrownBy(() -> ports.reserve("b", "default/b", List.of(tcp(8080, ""))))
                .hasMessageContaining("pod default/a (a)");
        ports.rebuild(Set.of("br0", "veth1"));
        assertThat(routing.on).containsExactly("br0");
        assertThat(filter.transactions).hasSize(1);
    }

    @Test
    void udpFlowsFromBeforeAreForgottenWhenAPortComesAndWhenItGoes() {
        var pod = new PublishedPod(
                "a",
                "default/a",
                List.of(
                        new PortMapping(Protocol.UDP, 53, 5300, ""),
                        new PortMapping(Protocol.UDP, 53, 5301, "192.0.2.7"),
                        tcp(8080, "")),
                Optional.of(CidrAddress.parse("10.88.0.5/16")),
                Optional.of(CidrAddress.parse("fd88::5/64")),
                Optional.empty());
        ports.publish(pod);
        assertThat(flows.forgotten)
                .containsExactly("to 192.0.2.1 port 5300", "to fd01:0:0:0:0:0:0:1 port 5300", "to 192.0.2.7 port 5301");
        flows.forgotten.clear();
        ports.withdraw("a");
        ports.endConversations(pod);
        assertThat(flows.forgotten).containsExactly("from 10.88.0.5", "from fd88:0:0:0:0:0:0:5");
    }

    @Test
    void withoutUdpPortsNoFlowIsForgotten() {
        ports.publish(pod("a", 8080));
        ports.withdraw("a");
        ports.endConversations(pod("a", 8080));
        assertThat(flows.forgotten).isEmpty();
    }
}
