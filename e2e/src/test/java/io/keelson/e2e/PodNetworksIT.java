package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerState;
import io.keelson.proto.PodIP;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PortMapping;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a network of both families, made by a chain of Debian's plugins. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodNetworksIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String SUBNET6 = "fd5e:";

    /** More than select(2) can wait for (FD_SETSIZE). */
    private static final int MANY_DESCRIPTORS = 1100;

    @TempDir
    static Path directory;

    private Node node;
    private Leftovers leftovers;

    @BeforeAll
    void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        writeChain();
        Requests.prepare(node, BUSYBOX);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterAll
    void end() {
        if (node != null) {
            node.close();
        }
    }

    private void writeChain() throws IOException {
        var place = node.place();
        Files.writeString(place.networks().resolve("10-bridge.conflist"), """
                {
                  "cniVersion": "1.0.0",
                  "name": "%1$s",
                  "plugins": [
                    {
                      "type": "bridge",
                      "bridge": "%1$s",
                      "isGateway": true,
                      "hairpinMode": true,
                      "ipam": {
                        "type": "host-local",
                        "dataDir": "%2$s",
                        "ranges": [[{ "subnet": "%3$s0/24" }], [{ "subnet": "%4$s:/64" }]],
                        "routes": [{ "dst": "0.0.0.0/0" }, { "dst": "::/0" }]
                      }
                    },
                    { "type": "tuning", "sysctl": { "net.core.somaxconn": "517" } },
                    { "type": "bandwidth", "capabilities": { "bandwidth": true } },
                    { "type": "firewall", "backend": "iptables" }
                  ]
                }
                """.formatted(
                        place.bridge(), place.leases(), place.subnetPrefix(), SUBNET6));
    }

    @Test
    @Tag("T64")
    void aPodHasAddressesOfBothFamiliesAndWhatEachPluginOfTheChainDoes() throws Exception {
        var pod = Requests.pod(node.place(), "dual")
                .putAnnotations("kubernetes.io/ingress-bandwidth", "10M")
                .putAnnotations("kubernetes.io/egress-bandwidth", "5M")
                .build();
        var id = Requests.run(node.cri(), pod);
        var container = start(id, pod);

        var network = Requests.podStatus(node.cri(), id).getNetwork();
        assertThat(network.getIp()).startsWith(node.place().subnetPrefix());
        assertThat(network.getAdditionalIpsList())
                .singleElement()
                .extracting(PodIP::getIp)
                .asString()
                .startsWith(SUBNET6);
        assertThat(said(container, "ip", "addr", "show", "eth0"))
                .contains(network.getIp(), network.getAdditionalIps(0).getIp());
        assertThat(said(container, "cat", "/etc/hosts"))
                .contains(network.getIp() + " dual", network.getAdditionalIps(0).getIp() + " dual");
        assertThat(said(container, "cat", "/proc/sys/net/core/somaxconn"))
                .as("tuning")
                .isEqualTo("517\n");
        assertThat(said(container, "cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra"))
                .as("no neighbour makes itself a router (CVE-2020-10749)")
                .isEqualTo("0\n");
        assertThat(host("tc", "qdisc", "show")).as("bandwidth").contains("tbf", "rate 10Mbit", "rate 5Mbit");
        assertThat(host("nft", "list", "ruleset"))
                .as("firewall")
                .containsPattern("CNI-FORWARD(?s:.*)" + network.getIp().replace(".", "\\."));

        Requests.removePod(node.cri(), id);
        assertThat(host("tc", "qdisc", "show")).doesNotContain("rate 10Mbit");
        leftovers.assertNone();
    }

    /** Each of these would be found from the directory of plugins, and run as root. */
    @Test
    @Tag("T63")
    void aPluginThatIsNamedByAPathIsNotRun() throws Exception {
        var canary = directory.resolve("canary");
        Files.createDirectories(node.place().plugins());
        Files.writeString(canary, "#!/bin/sh\necho called >>%s/canary-called\n".formatted(directory));
        Files.setPosixFilePermissions(canary, PosixFilePermissions.fromString("rwxr-xr-x"));
        var chain = node.place().networks().resolve("10-bridge.conflist");
        var good = Files.readString(chain);
        var pod = Requests.pod(node.place(), "led-astray").build();
        try {
            for (var plugin : List.of("bridge", "host-local", "tuning")) {
                for (var path : List.of("../canary", "./../canary", canary.toString(), "../canary\\u0000")) {
                    Files.writeString(
                            chain, good.replace("\"type\": \"" + plugin + "\"", "\"type\": \"" + path + "\""));
                    Refused.with(
                            Code.UNAVAILABLE, () -> Requests.run(node.cri(), pod), "type", "not the name of a program");
                }
            }
        } finally {
            Files.writeString(chain, good);
        }
        assertThat(directory.resolve("canary-called")).doesNotExist();
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
        leftovers.assertNone();
    }

    /** As many as the counters of a hundred pods take: libnftables would end a process that has them. */
    @Test
    @Tag("K6")
    void aDaemonWithManyDescriptorsPublishesPorts() throws Exception {
        var pod = Requests.pod(node.place(), "published")
                .addPortMappings(web(FreePorts.take()))
                .build();
        var clients = new ArrayList<SocketChannel>();
        try {
            while (clients.size() < MANY_DESCRIPTORS) {
                clients.add(SocketChannel.open(
                        UnixDomainSocketAddress.of(node.place().socket())));
            }
            Awaitility.await().atMost(DEADLINE).until(() -> descriptors() > MANY_DESCRIPTORS);

            Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
        leftovers.assertNone();
    }

    private long descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/" + node.pid() + "/fd"))) {
            return all.count();
        }
    }

    @Test
    void aBandwidthThatIsNoneIsRefused() throws Exception {
        var pod = Requests.pod(node.place(), "band")
                .putAnnotations("kubernetes.io/ingress-bandwidth", "very much")
                .build();
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.run(node.cri(), pod),
                "kubernetes.io/ingress-bandwidth",
                "very much");
        leftovers.assertNone();
    }

    @Test
    void aHostPortThatAnotherPodHasIsRefusedAlsoRightAfterARestart() throws Exception {
        var port = FreePorts.take();
        var first =
                Requests.pod(node.place(), "first").addPortMappings(web(port)).build();
        var second =
                Requests.pod(node.place(), "second").addPortMappings(web(port)).build();
        var id = Requests.run(node.cri(), first);

        Refused.with(
                Code.ALREADY_EXISTS, () -> Requests.run(node.cri(), second), ":" + port, "pod e2e/first (" + id + ")");
        node.kill();
        node.restart();
        Refused.with(
                Code.ALREADY_EXISTS, () -> Requests.run(node.cri(), second), ":" + port, "pod e2e/first (" + id + ")");

        Requests.removePod(node.cri(), id);
        Requests.removePod(node.cri(), Requests.run(node.cri(), second));
        leftovers.assertNone();
    }

    @Test
    @Tag("trap-5")
    @Tag("P3")
    @Tag("reboot")
    void afterARebootAddressesAndPortsAreGivenBackThoughNoNamespaceIsThere() throws Exception {
        var port = FreePorts.take();
        var pod =
                Requests.pod(node.place(), "before").addPortMappings(web(port)).build();
        var id = Requests.run(node.cri(), pod);
        var address = Requests.podStatus(node.cri(), id).getNetwork().getIp();
        var container = start(id, pod);
        assertThat(leases()).contains(address);

        node.reboot();

        var status = Requests.podStatus(node.cri(), id);
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(status.getNetwork().getIp()).isEmpty();
        assertThat(Requests.status(node.cri(), container).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        Awaitility.await("the address is given back though nobody asks for it")
                .atMost(DEADLINE)
                .until(() -> !leases().contains(address));
        var next =
                Requests.pod(node.place(), "after").addPortMappings(web(port)).build();
        Requests.removePod(node.cri(), Requests.run(node.cri(), next));
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    private static PortMapping web(int hostPort) {
        return PortMapping.newBuilder()
                .setContainerPort(80)
                .setHostPort(hostPort)
                .build();
    }

    private String start(String id, PodSandboxConfig pod) {
        return Requests.start(
                node.cri(),
                id,
                pod,
                Requests.container("c", BUSYBOX, List.of("sleep", "1000")).build());
    }

    private String said(String container, String... command) {
        return Requests.exec(node.cri(), container, command).getStdout().toStringUtf8();
    }

    private String host(String... command) throws Exception {
        return Program.run(directory, List.of(command)).expectSuccess();
    }

    private List<String> leases() throws IOException {
        try (var walk = Files.walk(node.place().leases())) {
            return walk.map(path -> path.getFileName().toString()).toList();
        }
    }
}
