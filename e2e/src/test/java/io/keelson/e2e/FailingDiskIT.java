package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.FaultyDisk.Behaviour;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Leftovers;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A node on a real file system whose disk hangs, takes no writes (EIO), or cannot be read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailingDiskIT {
    private static final Duration IMPATIENCE = Duration.ofSeconds(2);

    @TempDir
    static Path directory;

    private Path place;
    private FaultyDisk disk;
    private NodeOnDisk node;

    @BeforeAll
    void start() throws Exception {
        // The disk's own file and mount are beside the node's: they outlive a reboot of it.
        place = Files.createDirectory(directory.resolve("node"));
        disk = FaultyDisk.mount(directory, "disk", place.resolve("root"));
        node = NodeOnDisk.start(place, disk);
    }

    @AfterAll
    void end() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    /** Nobody waits for ever, what does not need the disk is answered, and the same requests find what was begun. */
    @Test
    @Tag("D3")
    @Tag("stuck")
    void aDiskThatHangsIsToldAndWhatWasBegunIsFinishedWhenItAnswers() throws Exception {
        var cri = node.cri();
        var before = node.pod("before");
        var id = Requests.run(cri, before);
        var running = Requests.start(cri, id, before, NodeOnDisk.idle("runs"));
        var another = node.pod("hangs");
        disk.set(Behaviour.HANGS);
        try {
            Refused.with(Code.DEADLINE_EXCEEDED, () -> runImpatiently(cri, another));
            Refused.with(Code.DEADLINE_EXCEEDED, () -> createImpatiently(cri, id, before, NodeOnDisk.idle("new")));
            node.assertStorageTrouble("does not answer");
            node.assertFound(id, 1);
            assertThat(Requests.status(cri, running).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        } finally {
            disk.set(Behaviour.WORKS);
        }

        node.assertStorageTrouble("");
        var anotherId = Requests.run(cri, another);
        Requests.start(cri, id, before, NodeOnDisk.idle("new"));
        node.assertListed(2, 2);
        Requests.removePod(cri, anotherId);
        Requests.removePod(cri, id);
        node.assertListed(0, 0);
    }

    private static String runImpatiently(Cri cri, PodSandboxConfig pod) {
        return cri.runtime(IMPATIENCE)
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
    }

    private static String createImpatiently(Cri cri, String id, PodSandboxConfig pod, ContainerConfig container) {
        return cri.runtime(IMPATIENCE)
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setSandboxConfig(pod)
                        .setConfig(container)
                        .build())
                .getContainerId();
    }

    @Test
    @Tag("D2")
    void errorsOfTheDiskAreToldNothingIsWipedAndAllGoesOnWithAWorkingOne() throws Exception {
        var cri = node.cri();
        var leftovers = Leftovers.before(node.node().place(), ImageLayout::isPartOf);
        var before = node.pod("written");
        var id = Requests.run(cri, before);
        var running = Requests.start(cri, id, before, NodeOnDisk.idle("runs"));
        var another = node.pod("not-written");

        disk.set(Behaviour.TAKES_NO_WRITES);
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(cri, another), "not-written");
        Refused.with(Code.UNAVAILABLE, () -> Requests.create(cri, id, before, NodeOnDisk.idle("new")), "new");
        Refused.with(Code.UNAVAILABLE, () -> Requests.pull(cri, NodeOnDisk.OTHER), NodeOnDisk.OTHER);
        node.assertServed(id, running);
        node.assertStorageTrouble(node.node().place().root().toString());
        Requests.stop(cri, running, Duration.ZERO);
        LifeScene.assertExited(Requests.status(cri, running), 137, "Error");
        // It is off its network by then, and that cannot be written down.
        Refused.with(Code.UNAVAILABLE, () -> Requests.stopPod(cri, id), id, "Read-only file system");

        node.node().reboot(this::startsNotWhileTheDiskCannotBeRead);
        assertThat(Requests.podStatus(node.cri(), id).getId()).isEqualTo(id);
        node.assertListed(1, 1);
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
        var anotherId = Requests.run(node.cri(), another);
        Requests.start(node.cri(), anotherId, another, NodeOnDisk.idle("new"));
        Requests.removePod(node.cri(), anotherId);
        leftovers.assertNone();
    }

    private void startsNotWhileTheDiskCannotBeRead() throws IOException, InterruptedException {
        disk.set(Behaviour.WORKS);
        disk.mountAgain();
        disk.set(Behaviour.FAILS);
        assertThat(node.node().startUntilItEnds(Map.of())).isPositive();
        assertThat(node.node().log()).contains("Input/output error");
        disk.set(Behaviour.WORKS);
        disk.mountAgain();
    }
}
