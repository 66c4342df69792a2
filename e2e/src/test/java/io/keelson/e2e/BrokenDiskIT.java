package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.node.Leftovers;
import io.keelson.proto.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk on which no more files can be made, and then one to which the kernel writes no more. */
class BrokenDiskIT {
    private static final String INODES = "1500";

    @TempDir
    Path directory;

    private SmallDisk disk;
    private NodeOnDisk node;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.mountNew(directory, "-N", INODES);
        node = NodeOnDisk.start(directory, disk);
    }

    @AfterEach
    void end() throws Exception {
        node.close();
    }

    @Test
    @Tag("D1")
    @Tag("D3")
    void whatIsThereIsServedAndWhatIsNewIsRefused() throws Exception {
        var cri = node.cri();
        var pod = node.pod("before");
        var id = Requests.run(cri, pod);
        var running = Requests.start(cri, id, pod, NodeOnDisk.idle("runs"));
        var leftovers = Leftovers.before(node.node().place(), file -> file.contains("/inodes"));
        var another = node.pod("another");

        node.assertStorageTrouble("");
        var inodes = takeInodes();
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.run(cri, another), "another", "full");
        Refused.with(
                Code.RESOURCE_EXHAUSTED, () -> Requests.create(cri, id, pod, NodeOnDisk.idle("new")), "new", "full");
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.pull(cri, NodeOnDisk.OTHER), NodeOnDisk.OTHER, "full");
        leftovers.assertNone();
        node.assertServed(id, running);
        node.assertStorageTrouble(disk.root() + ": No space left on device");
        TemporaryTree.remove(inodes);
        Requests.removePod(cri, Requests.run(cri, another));
        leftovers.assertNone();
        node.assertStorageTrouble("");

        disk.fail();
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(cri, another), "another", "Read-only file system");
        Refused.with(
                Code.UNAVAILABLE,
                () -> Requests.create(cri, id, pod, NodeOnDisk.idle("new")),
                "new",
                "Read-only file system");
        Refused.with(
                Code.UNAVAILABLE,
                () -> Requests.pull(cri, NodeOnDisk.OTHER),
                NodeOnDisk.OTHER,
                "Read-only file system");
        node.assertServed(id, running);
        node.assertStorageTrouble("Read-only file system");
        Requests.stop(cri, running, Duration.ZERO);
        assertThat(Requests.status(cri, running).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
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
}
