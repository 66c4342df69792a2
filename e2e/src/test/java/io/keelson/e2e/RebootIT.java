package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PortMapping;
import io.keelson.proto.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine starts anew: another boot id, no processes, mounts and namespaces, an empty run tree, and the disk as it was. */
class RebootIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    @TempDir
    Path directory;

    private Node node;

    @Test
    @Tag("reboot")
    @Tag("P3")
    void whatWasIsToldWhatItHeldIsFreeAndNothingIsWiped() throws Exception {
        try (var started = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()))) {
            node = started;
            Requests.prepare(node, BUSYBOX);
            var plugin = FaultyPlugin.install(node.place());
            withoutMasquerading();
            var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
            var port = FreePorts.take();
            var pods = new LinkedHashMap<String, PodSandboxConfig>();
            var addresses = new LinkedHashMap<String, String>();
            for (var handler : List.of("crun", "runc")) {
                var pod = pod("by-" + handler, handler.equals("crun") ? port : FreePorts.take());
                var id = Requests.run(node.cri(), pod, handler);
                pods.put(id, pod);
                addresses.put(
                        id, Requests.podStatus(node.cri(), id).getNetwork().getIp());
            }
            var states = containers(pods);
            var images = images();
            var layers = files(node.place().root().resolve("layers"));

            node.reboot();

            pods.keySet()
                    .forEach(id -> assertThat(Requests.podStatus(node.cri(), id).getState())
                            .isEqualTo(PodSandboxState.SANDBOX_NOTREADY));
            states.forEach(this::assertEnded);
            assertThat(images()).isEqualTo(images);
            assertThat(files(node.place().root().resolve("layers"))).isEqualTo(layers);
            Awaitility.await("addresses are given back though nobody asks")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> plugin.calls("DEL") >= pods.size() && leases().isEmpty());
            assertThat(plugin.deleted()).as("what DEL was told").contains(addresses.values());
            assertThat(node.place().logs().resolve("by-crun/exits.log")).isNotEmptyFile();

            var next = Requests.run(node.cri(), pod("next", port));
            Requests.removePod(node.cri(), next);
            pods.keySet().forEach(id -> Requests.removePod(node.cri(), id));
            leftovers.assertNone();
        }
    }

    /** Its rules are the kernel's, which forgets them; but this kernel goes on, and the plugin leaves them if it gets no namespace. */
    private void withoutMasquerading() throws IOException {
        var network = node.place().networks().resolve("10-bridge.conflist");
        Files.writeString(network, Files.readString(network).replace("\"ipMasq\": true", "\"ipMasq\": false"));
    }

    private PodSandboxConfig pod(String name, int port) {
        return Requests.pod(node.place(), name)
                .addPortMappings(PortMapping.newBuilder().setContainerPort(80).setHostPort(port))
                .build();
    }

    /** What is to be told of each after the reboot: its exit code. */
    private Map<String, Integer> containers(Map<String, PodSandboxConfig> pods) {
        var codes = new LinkedHashMap<String, Integer>();
        pods.forEach((id, pod) -> {
            codes.put(Requests.start(node.cri(), id, pod, container("runs", "sleep 100000")), 255);
            codes.put(Requests.create(node.cri(), id, pod, container("created", "sleep 100000")), 255);
            var exits = Requests.start(node.cri(), id, pod, container("exits", "echo word; exit 7"));
            Awaitility.await("its end")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> Requests.status(node.cri(), exits).getExitCode() == 7);
            codes.put(exits, 7);
        });
        return codes;
    }

    private static ContainerConfig container(String name, String script) {
        return Requests.container(name, BUSYBOX, List.of("sh", "-c", script)).build();
    }

    private void assertEnded(String container, int code) {
        var status = Requests.status(node.cri(), container);
        LifeScene.assertExited(status, code, "Error");
        if (code == 255) {
            assertThat(status.getMessage()).isEqualTo("the node was restarted");
        }
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> node.cri()
                        .runtime(DEADLINE)
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build()),
                container);
        Requests.stop(node.cri(), container, Duration.ZERO);
    }

    private List<String> images() {
        return node.cri().images(DEADLINE).listImages(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                .map(image -> image.getId() + image.getRepoTagsList() + image.getSize())
                .toList();
    }

    private static Set<String> files(Path tree) throws IOException {
        try (var walk = Files.walk(tree)) {
            return walk.filter(Files::isRegularFile).map(Path::toString).collect(Collectors.toSet());
        }
    }

    private List<String> leases() throws IOException {
        try (var walk = Files.walk(node.place().leases())) {
            return walk.map(path -> path.getFileName().toString())
                    .filter(node.place()::namesAddress)
                    .toList();
        }
    }
}
