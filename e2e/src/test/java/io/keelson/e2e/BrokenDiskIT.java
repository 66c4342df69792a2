package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.StatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk on which no more files can be made, and then one to which the kernel writes no more. */
class BrokenDiskIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String OTHER = "registry.k8s.io/e2e-test-images/nginx:1.14-2";
    private static final String INODES = "1500";

    @TempDir
    Path directory;

    private SmallDisk disk;
    private Node node;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.mount(directory, "-N", INODES);
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterEach
    void end() throws Exception {
        if (node != null) {
            node.close();
        }
        disk.close();
    }

    @Test
    @Tag("D1")
    @Tag("D3")
    void whatIsThereIsServedAndWhatIsNewIsRefused() throws Exception {
        var cri = node.cri();
        var pod = Requests.pod(node.place(), "before").build();
        var id = Requests.run(cri, pod);
        var running = Requests.start(cri, id, pod, idle("runs"));
        var leftovers = Leftovers.before(node.place(), file -> file.contains("/inodes"));
        var another = Requests.pod(node.place(), "another").build();

        assertStorageTrouble("");
        var inodes = takeInodes();
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.run(cri, another), "another", "full");
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.create(cri, id, pod, idle("new")), "new", "full");
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.pull(cri, OTHER), OTHER, "full");
        leftovers.assertNone();
        assertServed(id, running);
        assertStorageTrouble(disk.root() + ": No space left on device");
        TemporaryTree.remove(inodes);
        Requests.removePod(cri, Requests.run(cri, another));
        leftovers.assertNone();
        assertStorageTrouble("");

        disk.fail();
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(cri, another), "another", "Read-only file system");
        Refused.with(
                Code.UNAVAILABLE, () -> Requests.create(cri, id, pod, idle("new")), "new", "Read-only file system");
        Refused.with(Code.UNAVAILABLE, () -> Requests.pull(cri, OTHER), OTHER, "Read-only file system");
        assertServed(id, running);
        assertStorageTrouble("Read-only file system");
        Requests.stop(cri, running, Duration.ZERO);
        assertThat(Requests.status(cri, running).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    }

    /** Status says what the last look found, and that it can be written to by not saying otherwise; the node is ready all the time. */
    private void assertStorageTrouble(String why) {
        Awaitility.await().atMost(LifeScene.PATIENCE).untilAsserted(() -> {
            var conditions = node.cri()
                    .runtime(DEADLINE)
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

    private static ContainerConfig idle(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "100000")).build();
    }

    private Path takeInodes() throws IOException {
        var taken = Files.createDirectory(disk.root().resolve("inodes"));
        try {
            for (var number = 0; ; number++) {
                Files.createFile(taken.resolve("f" + number));
            }
        } catch (IOException e) {
            return taken;
        }
    }

    private void assertServed(String pod, String container) {
        var cri = node.cri();
        assertThat(cri.runtime(DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isEqualTo(1);
        assertThat(cri.images(DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isEqualTo(1);
        assertThat(Requests.podStatus(cri, pod).getId()).isEqualTo(pod);
        assertThat(Requests.exec(cri, container, "true").getExitCode()).isZero();
    }
}
