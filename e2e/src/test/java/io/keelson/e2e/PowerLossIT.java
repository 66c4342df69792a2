package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails: a copy of the file that a mounted ext4 lies in has what had reached the disk at that moment, and not what the
 * kernel had in memory. What was answered before is there on a node that starts with the copy, and images are what they were.
 */
@Tag("P1")
class PowerLossIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String OTHER = "registry.k8s.io/e2e-test-images/nginx:1.14-2";

    @TempDir
    Path directory;

    /** What had been answered when the power failed; what was under way then may be there or not. */
    private record Moment(Path copy, Set<String> pods, Set<String> containers, int images, Set<String> removed) {}

    private final List<Moment> moments = new ArrayList<>();
    private final Set<String> pods = new HashSet<>();
    private final Set<String> containers = new HashSet<>();
    private final Set<String> removed = new HashSet<>();
    private int images;

    @Test
    void whatWasAnsweredIsThereAndImagesAreWhole() throws Exception {
        var before = Files.createDirectory(directory.resolve("before"));
        try (var disk = SmallDisk.mountNew(before);
                var node = Node.start(before, TestRegistry.daemon(), Setup.with(TestRegistry.server()))) {
            Requests.pull(node.cri(), BUSYBOX);
            images++;
            var pod = Requests.pod(node.place(), "pod").build();
            var id = Requests.run(node.cri(), pod);
            pods.add(id);
            var config = Requests.container("c", BUSYBOX, List.of("sleep", "100000"));
            var container = Requests.create(node.cri(), id, pod, config.build());
            containers.add(container);
            powerFails(disk);

            Requests.stop(node.cri(), container, Duration.ZERO);
            Requests.remove(node.cri(), container);
            containers.remove(container);
            removed.add(container);
            var pull = Thread.ofVirtual().start(() -> Requests.pull(node.cri(), OTHER));
            powerFails(disk);
            pull.join();
            images++;
            powerFails(disk);

            Requests.removePod(node.cri(), id);
            pods.remove(id);
            removed.add(id);
        }
        for (var moment : moments) {
            startWith(moment);
        }
    }

    private void powerFails(SmallDisk disk) throws Exception {
        var copy = Files.createDirectory(directory.resolve("after" + moments.size()));
        disk.copyTo(copy);
        moments.add(new Moment(copy, Set.copyOf(pods), Set.copyOf(containers), images, Set.copyOf(removed)));
    }

    private static void startWith(Moment moment) throws Exception {
        try (var _ = SmallDisk.mountCopy(moment.copy());
                var node = Node.start(moment.copy(), TestRegistry.daemon(), Setup.with(TestRegistry.server()))) {
            var cri = node.cri();
            var pods = cri.runtime(DEADLINE).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
            assertThat(pods.getItemsList())
                    .extracting(PodSandbox::getId)
                    .containsAll(moment.pods())
                    .noneMatch(moment.removed()::contains);
            assertThat(cri.runtime(DEADLINE)
                            .listContainers(ListContainersRequest.getDefaultInstance())
                            .getContainersList())
                    .extracting(Container::getId)
                    .containsAll(moment.containers())
                    .noneMatch(moment.removed()::contains);
            assertThat(cri.images(DEADLINE)
                            .listImages(ListImagesRequest.getDefaultInstance())
                            .getImagesCount())
                    .isGreaterThanOrEqualTo(moment.images());
            node.command("image", "verify").expectSuccess();
            Requests.removeAllPods(cri);
            assertThat(Requests.pull(cri, OTHER)).isNotEmpty();
        }
    }
}
