package io.keelson.pod.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.SpawnedProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel takes the rules, through the library and through the program alike. Needs root. */
class NftablesIT {

    @TempDir
    Path base;

    private final Nftables nftables = new Nftables(new SpawnedProcesses());
    private TestNamespace host;

    @BeforeEach
    void make() throws IOException {
        host = new TestNamespace(base.resolve("host"));
    }

    @AfterEach
    void unmake() {
        host.close();
    }

    private static PublishedPod pod(int number) {
        return new PublishedPod(
                "p" + number,
                "default/pod",
                List.of(
                        new PortMapping(Protocol.TCP, 80, 8000 + number, ""),
                        new PortMapping(Protocol.UDP, 53, 8000 + number, "192.0.2.1"),
                        new PortMapping(Protocol.SCTP, 99, 8000 + number, "0.0.0.0"),
                        new PortMapping(Protocol.TCP, 81, 9000 + number, "fd00::1")),
                Optional.of(CidrAddress.parse("10.88.0." + number + "/16")),
                Optional.of(CidrAddress.parse("fd88::" + number + "/128")),
                Optional.of("br0"));
    }

    private PacketFilter filter(String way) {
        return way.equals("library") ? nftables : nftables::runProgram;
    }

    @ParameterizedTest
    @ValueSource(strings = {"library", "program"})
    void podsComeAndGoOneByOne(String way) {
        var filter = filter(way);
        host.run(() -> filter.run(HostPortRules.everything(List.of(pod(1)))));
        host.run(() -> filter.run(HostPortRules.addition(pod(2), List.of(pod(1)))));
        var both = host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson");
        assertThat(both)
                .contains("tcp . 8001 : 10.88.0.1 . 80", "udp . 192.0.2.1 . 8002 : 10.88.0.2 . 53")
                .contains("sctp . 8002 : 10.88.0.2 . 99", "tcp . fd00::1 . 9002 : fd88::2 . 81")
                .contains("10.88.0.0/16 . 10.88.0.2", "fd88::2 . fd88::2", "\"br0\"");
        host.run(() -> filter.run(HostPortRules.removal(pod(1), List.of(pod(2)))));
        var second = host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson");
        assertThat(second).contains("8002", "9002", "\"br0\"").doesNotContain("8001", "10.88.0.1 ", "9001");
        host.run(() -> filter.run(HostPortRules.removal(pod(2), List.of())));
        assertThat(host.execute("/usr/sbin/nft", "list", "ruleset")).isEmpty();
    }

    @Test
    void aRebuildYieldsTheSameRulesAsAddingOneByOne() {
        var pods = new ArrayList<PublishedPod>();
        host.run(() -> {
            nftables.run(HostPortRules.everything(List.of(pod(1))));
            pods.add(pod(1));
            for (var i = 2; i <= 100; i++) {
                nftables.run(HostPortRules.addition(pod(i), pods));
                pods.add(pod(i));
            }
        });
        var oneByOne = host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson");
        host.run(() -> nftables.run(HostPortRules.everything(pods)));
        assertThat(host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson"))
                .isEqualTo(oneByOne);
    }

    @ParameterizedTest
    @ValueSource(strings = {"library", "program"})
    void aTransactionThatFailsChangesNothing(String way) {
        host.run(() -> nftables.run(HostPortRules.everything(List.of(pod(1)))));
        assertThatThrownBy(() ->
                        host.run(() -> filter(way).run("delete table inet keelson\nadd element inet no x { 1 }\n")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("No such file or directory");
        assertThat(host.execute("/usr/sbin/nft", "list", "tables")).contains("keelson");
    }

    @Test
    void rulesThatSomebodyFlushedAreBroughtBack() {
        var ports = new HostPorts(nftables, new FakeLoopbackRouting(), new FakeFlows());
        host.run(() -> ports.publish(pod(1)));
        host.execute("/usr/sbin/nft", "flush", "ruleset");
        host.run(() -> ports.publish(pod(2)));
        assertThat(host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson"))
                .contains("8001", "8002");
        host.execute("/usr/sbin/nft", "flush", "ruleset");
        host.run(() -> ports.withdraw("p1"));
        assertThat(host.execute("/usr/sbin/nft", "list", "table", "inet", "keelson"))
                .contains("8002")
                .doesNotContain("8001");
    }
}
