package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Host ports by Debian's portmap plugin ({@code host_ports = "cni"}), in a chain of bridge, portmap and bandwidth. Needs what
 * {@link PodNetworkIT} needs.
 */
class PortmapChainIT {
    private static final PortMapping WEB = new PortMapping(Protocol.TCP, 80, 8080, "");
    private static final PortMapping WEB_UDP = new PortMapping(Protocol.UDP, 80, 8080, "");

    @TempDir
    Path base;

    private TestHost host;

    @BeforeEach
    void make() throws IOException {
        host = new TestHost(base);
        host.publishByPlugins();
    }

    @AfterEach
    void unmake() throws IOException {
        host.close();
    }

    private String rules() {
        return host.namespace.execute("/usr/sbin/nft", "list", "ruleset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "fd01::1"})
    void thePluginPublishesAndKeelsonDoesNot(String address) throws IOException {
        var pod = host.startPod("a", WEB, WEB_UDP);

        assertThat(pod.addresses()).isEqualTo(new PodAddresses("10.77.0.2", List.of("fd77::2")));
        assertThat(pod.answerTo(host.neighbour, address, 8080)).startsWith("a sees");
        assertThat(pod.datagramAnswerTo(host.neighbour, address, 8080)).startsWith("a sees");
        assertThat(rules()).contains("CNI-HOSTPORT-DNAT").doesNotContain("keelson {");
    }

    @Test
    void aPortOfOneAddressAnswersThereAlone() throws IOException {
        var pod = host.startPod("a", new PortMapping(Protocol.TCP, 80, 8080, "192.0.2.1"));

        assertThat(pod.answerTo(host.namespace, "192.0.2.1", 8080)).startsWith("a sees");
        assertThatThrownBy(() -> pod.answerTo(host.namespace, "10.77.0.1", 8080))
                .hasMessageContaining("refused");
    }

    /** The plugin says nothing of it, and nothing is reserved on its behalf (docs/decisions/0020). */
    @Test
    void aPortThatAnotherPodHasStaysWithThatPod() throws IOException {
        var first = host.startPod("a", WEB);
        host.startPod("b", WEB);

        assertThat(first.answerTo(host.neighbour, "192.0.2.1", 8080)).startsWith("a sees");
    }

    @Test
    void theNextPluginOfTheChainDoesItsPartAsWell() throws IOException {
        var pod = host.startPod("a", Map.of("kubernetes.io/ingress-bandwidth", "10M"), WEB);

        assertThat(pod.answerTo(host.neighbour, "192.0.2.1", 8080)).startsWith("a sees");
        assertThat(host.namespace.execute("/usr/sbin/tc", "qdisc", "show")).contains("tbf", "rate 10Mbit");
    }

    @Test
    void aPodWithoutPortsNeedsNothingOfThePlugin() throws IOException {
        var pod = host.startPod("a");

        assertThat(pod.answerTo(host.namespace, "10.77.0.2", 80)).startsWith("a sees");
        assertThat(rules()).doesNotContain("dport 8080");
    }

    @Test
    void afterTheLastPodNothingIsLeftOfIt() throws IOException {
        // The plugin's own chains, which all pods share, stay.
        host.startPod("first", WEB, WEB_UDP);
        host.stopPod("first");
        var before = host.leftovers();
        host.startPod("a", Map.of("kubernetes.io/egress-bandwidth", "10M"), WEB, WEB_UDP);
        host.restartDaemon();
        assertThat(host.leftovers()).isNotEqualTo(before);

        host.stopPod("a");

        assertThat(host.leftovers()).isEqualTo(before);
        assertThat(rules()).doesNotContain("dport 8080");
    }

    @Test
    @Tag("trap-5")
    void afterARebootTheAddressIsGivenBackAndThePortIsFree() throws IOException {
        // What the plugin switched on for a bridge, its next pods find.
        host.startPod("first", WEB);
        host.reboot("first");
        host.namespace.run(() -> host.network().detach("first", Optional.empty()));
        var before = host.leftovers();
        host.startPod("a", WEB);
        host.reboot("a");
        host.restartDaemon();

        host.namespace.run(() -> host.network().detach("a", Optional.empty()));

        host.awaitLeftovers(before);
        assertThat(host.startPod("b", WEB).answerTo(host.neighbour, "192.0.2.1", 8080))
                .startsWith("b sees");
    }
}
