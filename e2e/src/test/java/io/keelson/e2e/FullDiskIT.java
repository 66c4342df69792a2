package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Program;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.PodSandboxConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk, or whose state directory, is full, to the last byte. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FullDiskIT {
    private static final String BALLAST = "ballast";
    private static final int PIECE_BYTES = 64 << 10;

    @TempDir
    static Path directory;

    private NodeOnDisk node;
    private SmallDisk disk;

    @BeforeAll
    void start() throws Exception {
        disk = SmallDisk.mountNew(directory);
        var state = Files.createDirectory(directory.resolve("state"));
        Program.run(directory, List.of("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "state", state.toString()))
                .expectSuccess();
        node = NodeOnDisk.start(directory, disk);
    }

    /** With the state directory: what is mounted below the node's own goes with it. */
    @AfterAll
    void end() throws Exception {
        node.close();
    }

    @AfterEach
    void makeRoom() throws IOException {
        for (var tree : List.of(disk.root(), node.node().place().state())) {
            Files.deleteIfExists(tree.resolve(BALLAST));
        }
    }

    @Test
    @Tag("D1")
    void everythingNewIsRefusedWhatIsThereIsServedAndTheSameRequestsWorkAfterwards() throws Exception {
        var cri = node.cri();
        var pod = node.pod("before");
        var podId = Requests.run(cri, pod);
        var running = Requests.start(cri, podId, pod, NodeOnDisk.idle("runs"));
        // By then it is the container's own program that runs.
        node.assertServed(podId, running);
        var leftovers = Leftovers.before(node.node().place(), file -> file.endsWith(BALLAST));
        var archive = archive();
        var ballast = fill(disk.root());
        var another = node.pod("another");

        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.run(cri, another), "another", "full");
        Refused.with(
                Code.RESOURCE_EXHAUSTED, () -> Requests.create(cri, podId, pod, NodeOnDisk.idle("new")), "new", "full");
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.pull(cri, NodeOnDisk.OTHER), NodeOnDisk.OTHER, "full");
        refused("import", archive.toString());
        // Its layers have to be packed, before anybody is asked.
        refused("push", NodeOnDisk.BUSYBOX, "registry.invalid/copy:v1");

        leftovers.assertNone();
        assertThat(cri.images(DEADLINE)
                        .imageStatus(ImageStatusRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(NodeOnDisk.OTHER))
                                .build())
                        .hasImage())
                .isFalse();
        node.assertServed(podId, running);

        Files.delete(ballast);
        var anotherId = Requests.run(cri, another);
        Requests.start(cri, podId, pod, NodeOnDisk.idle("new"));
        assertThat(node.node().command("image", "import", archive.toString()).expectSuccess())
                .isEqualTo(Requests.pull(cri, NodeOnDisk.OTHER));
        Requests.removePod(cri, anotherId);
        Requests.removePod(cri, podId);
        Requests.removeImage(cri, NodeOnDisk.OTHER);
    }

    @Test
    @Tag("D1")
    void stopAndRemoveWorkWithNothingFree() throws Exception {
        var cri = node.cri();
        var leftovers =
                Leftovers.before(node.node().place(), file -> file.endsWith(BALLAST) || ImageLayout.isPartOf(file));
        var pod = node.pod("full");
        var podId = Requests.run(cri, pod);
        Requests.start(cri, podId, pod, NodeOnDisk.idle("runs"));
        Requests.create(cri, podId, pod, NodeOnDisk.idle("waits"));
        fill(disk.root());

        Requests.removePod(cri, podId);

        node.assertListed(0, 0);
        leftovers.assertNone();
    }

    @Test
    @Tag("D1")
    void aFullStateDirectoryRefusesWhatIsNewAndWhatIsThereIsServedStoppedAndRemoved() throws Exception {
        var cri = node.cri();
        var leftovers = Leftovers.before(node.node().place(), ImageLayout::isPartOf);
        var pod = node.pod("tree");
        var id = Requests.run(cri, pod);
        var running = Requests.start(cri, id, pod, NodeOnDisk.idle("runs"));
        var waiting = Requests.create(cri, id, pod, NodeOnDisk.idle("waits"));
        var ballast = fill(node.node().place().state());

        node.assertStorageTrouble(node.node().place().state() + ": ");
        assertNothingNewAndAllElse(pod, id, running, waiting);

        Files.delete(ballast);
        leftovers.assertNone();
        var again = Requests.run(cri, pod);
        Requests.start(cri, again, pod, NodeOnDisk.idle("new"));
        Requests.removePod(cri, again);
        node.assertStorageTrouble("");
        leftovers.assertNone();
    }

    @Test
    @Tag("D1")
    void aContainerThatEndsWhileTheStateDirectoryIsFullAndTheDaemonIsDownKeepsItsCode() throws Exception {
        var cri = node.cri();
        var leftovers = Leftovers.before(node.node().place(), ImageLayout::isPartOf);
        var pod = node.pod("away");
        var id = Requests.run(cri, pod);
        var fifo = directory.resolve("go");
        Program.run(directory, List.of("mkfifo", fifo.toString())).expectSuccess();
        var ends = Requests.container("ends", NodeOnDisk.BUSYBOX, List.of("sh", "-c", ": </host/go; exit 7"))
                .addMounts(Mount.newBuilder().setHostPath(directory.toString()).setContainerPath("/host"));
        var container = Requests.start(cri, id, pod, ends.build());
        var monitor = NodeProcesses.monitor(node.node().place(), container);
        var ballast = fill(node.node().place().state());

        node.node().kill();
        try (var _ = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Awaitility.await("the monitor's end").atMost(LifeScene.PATIENCE).until(() -> !NodeProcesses.runs(monitor));
        }
        Files.delete(ballast);
        node.node().restart();

        LifeScene.assertExited(Requests.status(node.cri(), container), 7, "Error");
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    @Test
    @Tag("D1")
    void aDaemonThatStartsWhileTheDiskAndTheStateDirectoryAreFullServesStopsAndRemovesWhatIsThere() throws Exception {
        var leftovers = Leftovers.before(node.node().place(), ImageLayout::isPartOf);
        var pod = node.pod("full");
        var id = Requests.run(node.cri(), pod);
        var running = Requests.start(node.cri(), id, pod, NodeOnDisk.idle("runs"));
        var waiting = Requests.create(node.cri(), id, pod, NodeOnDisk.idle("waits"));
        var state = fill(node.node().place().state());
        var ballast = fill(disk.root());

        node.node().kill();
        node.node().restart();

        node.assertStorageTrouble(disk.root() + ": ");
        assertNothingNewAndAllElse(pod, id, running, waiting);

        Files.delete(state);
        Files.delete(ballast);
        leftovers.assertNone();
        node.assertStorageTrouble("");
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
    }

    /** A container more is refused; those that are there are served, stopped and removed, and so is the pod. */
    private void assertNothingNewAndAllElse(PodSandboxConfig pod, String id, String running, String waiting) {
        var cri = node.cri();
        Refused.with(
                Code.RESOURCE_EXHAUSTED, () -> Requests.create(cri, id, pod, NodeOnDisk.idle("new")), "new", "full");
        node.assertServed(id, running, waiting);
        Requests.stop(cri, running, Duration.ZERO);
        LifeScene.assertExited(Requests.status(cri, running), 137, "Error");
        Requests.remove(cri, running);
        Requests.remove(cri, waiting);
        Requests.removePod(cri, id);
        node.assertListed(0, 0);
    }

    /** An image that is not here, in a file elsewhere. */
    private Path archive() throws Exception {
        var archive = directory.resolve("archive.tar");
        var path = NodeOnDisk.OTHER.substring(NodeOnDisk.OTHER.indexOf('/'));
        Program.run(
                        directory,
                        List.of(
                                "skopeo",
                                "copy",
                                "--quiet",
                                "--src-tls-verify=false",
                                "docker://" + TestRegistry.server().address() + path,
                                "docker-archive:" + archive + ":" + NodeOnDisk.OTHER))
                .expectSuccess();
        return archive;
    }

    private void refused(String... command) throws Exception {
        var line = new ArrayList<>(List.of("image"));
        line.addAll(List.of(command));
        var said = node.node().command(line.toArray(String[]::new));
        assertThat(said.exitCode()).as(said.stdout()).isEqualTo(1);
        assertThat(said.stderr()).contains("full");
    }

    /** Writes until nothing more goes; the file that holds it all. */
    private static Path fill(Path tree) throws IOException {
        var ballast = tree.resolve(BALLAST);
        try (var file = Files.newByteChannel(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var size = PIECE_BYTES;
            while (size > 0) {
                try {
                    file.write(ByteBuffer.allocate(size));
                } catch (IOException e) {
                    size /= 2;
                }
            }
        }
        return ballast;
    }
}
