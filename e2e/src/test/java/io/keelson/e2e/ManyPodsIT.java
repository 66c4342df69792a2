package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PortMapping;
import io.keelson.proto.Protocol;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many pods at once. */
class ManyPodsIT {
    private static final int PODS = 20;
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    @TempDir
    static Path directory;

    private static Node node;
    private Leftovers leftovers;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void end() {
        node.close();
    }

    @BeforeEach
    void remember() throws Exception {
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @Test
    void twentyPodsAtOnceEachAnswerOnTheirOwnPortAndNothingIsLeft() throws Exception {
        var cri = node.cri();
        var ports = FreePorts.take(PODS);

        var ids = Together.all(PODS, number -> {
            var pod = pod("pod-" + number)
                    .addPortMappings(PortMapping.newBuilder()
                            .setProtocol(Protocol.TCP)
                            .setContainerPort(8080)
                            .setHostPort(ports.get(number)))
                    .build();
            var id = Requests.run(cri, pod);
            Requests.start(
                    cri,
                    id,
                    pod,
                    Requests.container("server", BUSYBOX, server(number)).build());
            return id;
        });

        assertThat(new HashSet<>(ids)).hasSize(PODS);
        var addresses = new HashSet<String>();
        for (var number = 0; number < PODS; number++) {
            var status = Requests.podStatus(cri, ids.get(number));
            assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
            assertThat(status.getMetadata().getName()).isEqualTo("pod-" + number);
            addresses.add(status.getNetwork().getIp());
            Pages.assertServed("http://127.0.0.1:" + ports.get(number) + "/", "pod " + number + "\n");
        }
        assertThat(addresses).hasSize(PODS).allMatch(node.place()::namesAddress);
        assertThat(cri.runtime(Requests.DEADLINE)
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .hasSize(PODS);

        Together.all(PODS, number -> {
            Requests.removePod(cri, ids.get(number));
            return number;
        });
        assertThat(cri.runtime(Requests.DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
        leftovers.assertNone();
    }

    @Test
    void theSameRequestTwentyTimesAtOnceIsOnePod() throws Exception {
        var pod = pod("same").build();

        var ids = Together.all(PODS, _ -> Requests.run(node.cri(), pod));

        assertThat(new HashSet<>(ids)).hasSize(1);
        assertThat(node.cri()
                        .runtime(Requests.DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .hasSize(1);
        Together.all(PODS, _ -> {
            Requests.removePod(node.cri(), ids.getFirst());
            return 0;
        });
        leftovers.assertNone();
    }

    private PodSandboxConfig.Builder pod(String name) {
        return Requests.pod(node.place(), name);
    }

    private static List<String> server(int number) {
        return List.of(
                "sh", "-c", "mkdir /srv; echo pod " + number + " >/srv/index.html; exec httpd -f -p 8080 -h /srv");
    }
}
