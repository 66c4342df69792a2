package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk is full, to the last byte. */
class FullDiskIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String OTHER = "registry.k8s.io/e2e-test-images/nginx:1.14-2";
    private static final int PIECE_BYTES = 64 << 10;

    @TempDir
    Path directory;

    private Node node;
    private SmallDisk disk;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.mount(directory);
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
    void everythingNewIsRefusedWhatIsThereIsServedAndTheSameRequestsWorkAfterwards() throws Exception {
        var cri = node.cri();
        var pod = Requests.pod(node.place(), "before").build();
        var podId = Requests.run(cri, pod);
        var running = Requests.start(cri, podId, pod, container("runs").build());
        var leftovers = Leftovers.before(node.place(), file -> file.endsWith("ballast"));
        var archive = archive();
        var ballast = fill();
        var another = Requests.pod(node.place(), "another").build();

        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.run(cri, another), "another", "full");
        Refused.with(
                Code.RESOURCE_EXHAUSTED,
                () -> Requests.create(cri, podId, pod, container("new").build()),
                "new",
                "full");
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.pull(cri, OTHER), OTHER, "full");
        refused("import", archive.toString());
        // Its layers have to be packed, before anybody is asked.
        refused("push", BUSYBOX, "registry.invalid/copy:v1");

        leftovers.assertNone();
        assertThat(cri.images(DEADLINE)
                        .imageStatus(ImageStatusRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(OTHER))
                                .build())
                        .hasImage())
                .isFalse();
        assertThat(cri.images(DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isEqualTo(1);
        assertThat(cri.runtime(DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isEqualTo(1);
        assertThat(cri.runtime(DEADLINE)
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount())
                .isEqualTo(1);
        assertThat(Requests.exec(cri, running, "echo", "here").getStdout().toStringUtf8())
                .isEqualTo("here\n");

        Files.delete(ballast);
        var anotherId = Requests.run(cri, another);
        Requests.start(cri, podId, pod, container("new").build());
        assertThat(node.command("image", "import", archive.toString()).expectSuccess())
                .isEqualTo(Requests.pull(cri, OTHER));
        Requests.removePod(cri, anotherId);
        Requests.removePod(cri, podId);
    }

    @Test
    @Tag("D1")
    void stopAndRemoveWorkWithNothingFree() throws Exception {
        var cri = node.cri();
        var leftovers = Leftovers.before(node.place(), file -> file.endsWith("ballast") || ImageLayout.isPartOf(file));
        var pod = Requests.pod(node.place(), "full").build();
        var podId = Requests.run(cri, pod);
        Requests.start(cri, podId, pod, container("runs").build());
        Requests.create(cri, podId, pod, container("waits").build());
        fill();

        Requests.removePod(cri, podId);

        assertThat(cri.runtime(DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isZero();
        leftovers.assertNone();
    }

    /** An image that is not here, in a file elsewhere. */
    private Path archive() throws Exception {
        var archive = directory.resolve("archive.tar");
        var path = OTHER.substring(OTHER.indexOf('/'));
        Program.run(
                        directory,
                        List.of(
                                "skopeo",
                                "copy",
                                "--quiet",
                                "--src-tls-verify=false",
                                "docker://" + TestRegistry.server().address() + path,
                                "docker-archive:" + archive + ":" + OTHER))
                .expectSuccess();
        return archive;
    }

    private void refused(String... command) throws Exception {
        var line = new ArrayList<>(List.of("image"));
        line.addAll(List.of(command));
        var said = node.command(line.toArray(String[]::new));
        assertThat(said.exitCode()).as(said.stdout()).isEqualTo(1);
        assertThat(said.stderr()).contains("full");
    }

    private static ContainerConfig.Builder container(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "1000"));
    }

    /** Writes until nothing more goes; the file that holds it all. */
    private Path fill() throws IOException {
        var ballast = disk.root().resolve("ballast");
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
