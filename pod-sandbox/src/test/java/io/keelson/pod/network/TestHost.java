package io.keelson.pod.network;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.SpawnedProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host in a network namespace of its own, 192.0.2.1 and fd01::1, with a neighbour on its wire, 192.0.2.9 and fd01::9. Its
 * pods are on bridge {@code kt0}, 10.77.0.0/24 and fd77::/64.
 */
final class TestHost implements AutoCloseable {
    private static final String IP = "/usr/sbin/ip";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A pod in which something listens on port 80. */
    record Pod(TestNamespace namespace, PodAddresses addresses, EchoServer server) {
        String answerTo(TestNamespace client, String address, int port) {
            return server.answerTo(client, address, port);
        }

        String datagramAnswerTo(TestNamespace client, String address, int port) throws IOException {
            try (var asking = new DatagramClient(client, address, port)) {
                return asking.ask();
            }
        }
    }

    final TestNamespace namespace;
    final TestNamespace neighbour;
    private final Path base;
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private CniPodNetwork network;
    private HostPortMode hostPorts = HostPortMode.KEELSON;
    private String chained = "";

    TestHost(Path base) throws IOException {
        this.base = base;
        namespace = new TestNamespace(base.resolve("host"));
        neighbour = new TestNamespace(base.resolve("neighbour"));
        namespace.execute(IP, "link", "add", "wire0", "type", "veth", "peer", "name", "wire1");
        neighbour.run(() -> {});
        connect();
        network = daemon();
        useSubnet("10.77.0.0/24");
    }

    private void connect() {
        namespace.execute("/bin/sh", "-ec", """
                exec 3<%s
                ip link set wire1 netns /proc/self/fd/3
                ip addr add 192.0.2.1/24 dev wire0
                ip addr add fd01::1/64 dev wire0 nodad
                ip link set wire0 up
                # As after the second or two in which a new bridge asks whether somebody else has its IPv6 address.
                sysctl -qw net.ipv6.conf.default.accept_dad=0
                """.formatted(neighbour.path));
        neighbour.execute("/bin/sh", "-ec", """
                ip addr add 192.0.2.9/24 dev wire1
                ip addr add fd01::9/64 dev wire1 nodad
                ip link set wire1 up
                ip route add default via 192.0.2.1
                """);
    }

    private CniPodNetwork daemon() {
        var settings = new NetworkSettings(
                List.of(base.resolve("net.d")),
                List.of(Path.of("/usr/lib/cni")),
                base.resolve("cache"),
                PATIENCE,
                hostPorts);
        return new CniPodNetwork(settings, new SpawnedProcesses(), WorkListener.NONE);
    }

    void restartDaemon() {
        network = daemon();
    }

    /** From now on a plugin after the bridge publishes ports, and another one limits bandwidth. */
    void publishByPlugins() throws IOException {
        hostPorts = HostPortMode.CNI;
        chained = """
                ,{"type":"portmap","capabilities":{"portMappings":true},"snat":true},
                {"type":"bandwidth","capabilities":{"bandwidth":true}}""";
        useSubnet("10.77.0.0/24");
        restartDaemon();
    }

    CniPodNetwork network() {
        return network;
    }

    void useSubnet(String ipv4) throws IOException {
        Files.createDirectories(base.resolve("net.d"));
        Files.writeString(base.resolve("net.d/10-test.conflist"), """
                {"cniVersion":"1.0.0","name":"keelson-it","plugins":[{"type":"bridge","bridge":"kt0","isGateway":true,
                "ipMasq":true,"hairpinMode":true,"ipam":{"type":"host-local","dataDir":"%s",
                "ranges":[[{"subnet":"%s"}],[{"subnet":"fd77::/64"}]],
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}}%s]}""".formatted(base.resolve("leases"), ipv4, chained));
    }

    Pod startPod(String name, PortMapping... ports) throws IOException {
        return startPod(name, Map.of(), ports);
    }

    Pod startPod(String name, Map<String, String> annotations, PortMapping... ports) throws IOException {
        var inside = new TestNamespace(base.resolve("pod-" + name));
        var request = new NetworkRequest(
                name,
                name,
                "default",
                "uid-" + name,
                inside.path,
                List.of(ports),
                annotations,
                "",
                Optional.empty(),
                List.of());
        try {
            var addresses = namespace.call(() -> network.attach(request, (step, took) -> {}));
            var pod = new Pod(inside, addresses, new EchoServer(name, inside, "::", 80));
            pods.put(name, pod);
            return pod;
        } catch (RuntimeException e) {
            inside.close();
            throw e;
        }
    }

    void stopPod(String name) {
        var pod = pods.remove(name);
        pod.server().close();
        namespace.run(() -> network.detach(name, Optional.of(pod.namespace().path)));
        pod.namespace().close();
    }

    /** A reboot ends the pod's namespace with all that is in it, and the host's rules. */
    void reboot(String name) throws IOException {
        var pod = pods.remove(name);
        pod.server().close();
        pod.namespace().close();
        namespace.execute("/usr/sbin/nft", "flush", "ruleset");
    }

    /** What pods leave behind if something goes wrong: leases, records, packet filter rules, interfaces, settings. */
    List<String> leftovers() throws IOException {
        var found = new ArrayList<String>();
        for (var directory : List.of("leases/keelson-it", "cache")) {
            if (Files.exists(base.resolve(directory))) {
                try (var files = Files.list(base.resolve(directory))) {
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(file -> !file.startsWith("last_reserved_ip") && !file.equals("lock"))
                            .sorted()
                            .forEach(file -> found.add(directory + "/" + file));
                }
            }
        }
        namespace
                .execute("/usr/sbin/nft", "--stateless", "list", "ruleset")
                .lines()
                .filter(line -> line.contains("CNI-") || line.contains("keelson"))
                .forEach(found::add);
        namespace
                .execute(IP, "-o", "link", "show", "type", "veth")
                .lines()
                .map(line -> line.split(": ", 3)[1])
                .forEach(found::add);
        namespace
                .execute("/bin/sh", "-c", "cat /proc/sys/net/ipv4/conf/*/route_localnet")
                .lines()
                .filter(line -> line.equals("1"))
                .forEach(line -> found.add("route_localnet"));
        return found;
    }

    /** Interfaces of a namespace that is gone vanish a little later. */
    void awaitLeftovers(List<String> expected) throws IOException {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (!leftovers().equals(expected)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("left behind: " + leftovers());
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (var pod : pods.values()) {
            pod.server().close();
            pod.namespace().close();
        }
        neighbour.close();
        namespace.close();
        DurableFiles.deleteTree(base.resolve("net.d"));
    }
}
