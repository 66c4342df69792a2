package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.StatusRequest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;

/** A node with one image, whose root is on a disk of its own, which is the test's to fill and to break. */
final class NodeOnDisk implements Closeable {
    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    /** What the node does not have. */
    static final String OTHER = "registry.k8s.io/e2e-test-images/nginx:1.14-2";

    private final Node node;
    private final Closeable disk;

    private NodeOnDisk(Node node, Closeable disk) {
        this.node = node;
        this.disk = disk;
    }

    /** @param disk mounted on {@code directory/root}; it is closed with the node */
    static NodeOnDisk start(Path directory, Closeable disk) throws IOException, InterruptedException {
        return start(directory, disk, "");
    }

    /** The same with further tables of configuration. */
    static NodeOnDisk start(Path directory, Closeable disk, String tables) throws IOException, InterruptedException {
        var setup = Setup.with(TestRegistry.server()).configured(tables);
        var started = new NodeOnDisk(Node.start(directory, TestRegistry.daemon(), setup), disk);
        Requests.prepare(started.node, BUSYBOX);
        return started;
    }

    Node node() {
        return node;
    }

    Cri cri() {
        return node.cri();
    }

    PodSandboxConfig pod(String name) {
        return Requests.pod(node.place(), name).build();
    }

    static ContainerConfig idle(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "100000")).build();
    }

    /** One pod and one image are listed, with so many containers, the pod is found, and a command runs in the first of them. */
    void assertServed(String pod, String... containers) {
        assertFound(pod, containers.length);
        assertThat(Requests.exec(cri(), containers[0], "true").getExitCode()).isZero();
    }

    /** What needs no disk: a command would, since its program may have to be read. */
    void assertFound(String pod, int containers) {
        assertListed(1, containers);
        assertThat(Requests.podStatus(cri(), pod).getId()).isEqualTo(pod);
    }

    void assertListed(int pods, int containers) {
        var runtime = cri().runtime(DEADLINE);
        assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isEqualTo(pods);
        assertThat(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount())
                .isEqualTo(containers);
        assertThat(cri().images(DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isEqualTo(1);
    }

    /** Status says what the last look found, and that it can be written to by not saying otherwise; the node is ready all the time. */
    void assertStorageTrouble(String why) {
        Awaitility.await().atMost(LifeScene.PATIENCE).untilAsserted(() -> {
            var conditions = cri().runtime(DEADLINE)
                    .status(StatusRequest.getDefaultInstance())
                    .getStatus()
                    .getConditionsList();
            assertThat(conditions)
                    .filteredOn(RuntimeCondition::getType, "RuntimeReady")
                    .allMatch(RuntimeCondition::getStatus);
            assertThat(conditions)
                    .filteredOn(RuntimeCondition::getType, "StorageWritable")
                    .filteredOn(RuntimeCondition::getStatus, false)
                    .extracting(RuntimeCondition::getMessage)
                    .satisfies(said -> assertThat(String.join("", said)).contains(why))
                    .hasSize(why.isEmpty() ? 0 : 1);
        });
    }

    @Override
    public void close() throws IOException {
        node.close();
        disk.close();
    }
}
