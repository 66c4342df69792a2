package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ContainerFilter;
import io.keelson.proto.Image;
import io.keelson.proto.ImageFilter;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.PodSandboxFilter;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.StreamContainersRequest;
import io.keelson.proto.StreamImagesRequest;
import io.keelson.proto.StreamPodSandboxesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with so many pods, containers or images that no one message can tell of them all. */
@Tag("trap-10")
class ManyRecordsIT {
    private static final int RECORDS = 20_000;
    private static final int LONGEST_MESSAGE_BYTES = 16 << 20;
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    @TempDir
    static Path directory;

    /** Of a daemon that has ended. */
    private static Path records;

    private static String pod;
    private static String container;
    private static String image;

    @BeforeAll
    static void makeOneOfEach() throws Exception {
        var place = Files.createDirectories(directory.resolve("one"));
        try (var node = Node.start(place, TestRegistry.daemon(), Setup.with(TestRegistry.server()))) {
            var cri = node.cri();
            image = Requests.pull(cri, BUSYBOX);
            var config = Requests.pod(node.place(), "many")
                    .putAnnotations("long", "x".repeat(800))
                    .build();
            pod = Requests.run(cri, config);
            container = Requests.start(
                    cri,
                    pod,
                    config,
                    Requests.container("many", BUSYBOX, List.of("true"))
                            .putAnnotations("long", "x".repeat(800))
                            .build());
            cri.runtime(DEADLINE)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(pod)
                            .build());
            node.kill();
            records = Files.createDirectories(directory.resolve("records"));
            Files.createDirectories(records.resolve("pods"));
            Files.copy(
                    node.place().root().resolve(ManyRecords.journal(pod)), records.resolve(ManyRecords.journal(pod)));
            copy(node.place().root(), "containers/" + container, "record.json", "status.json");
            for (var tree : List.of("layers", "images", "image-records")) {
                ManyRecords.copyTree(node.place().root(), records, tree);
            }
        }
    }

    private static void copy(Path root, String of, String... names) throws Exception {
        Files.createDirectories(records.resolve(of));
        for (var name : names) {
            Files.copy(root.resolve(of).resolve(name), records.resolve(of).resolve(name));
        }
    }

    private interface Fill {
        Set<String> in(ManyRecords many) throws Exception;
    }

    private interface Look {
        void at(Cri cri, Set<String> ids) throws Exception;
    }

    private static void node(String name, Fill fill, Look look) throws Exception {
        var place = Files.createDirectories(directory.resolve(name));
        var ids = fill.in(ManyRecords.in(records, place.resolve("root")));
        assertThat(ids).hasSize(RECORDS);
        try (var node = Node.start(place, TestRegistry.daemon(), Setup.bare())) {
            look.at(node.cri(), ids);
        }
    }

    @Test
    void podsAreStreamed() throws Exception {
        node("pods", many -> many.repeatPods(pod, RECORDS), (cri, ids) -> {
            var runtime = cri.runtime(DEADLINE);
            assertAllComeOnce(
                    ids,
                    runtime.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance()),
                    message -> message.getPodSandboxesList(),
                    PodSandbox::getId);
            Refused.with(
                    Code.RESOURCE_EXHAUSTED,
                    () -> runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()),
                    "StreamPodSandboxes");
            var one = ids.iterator().next();
            assertThat(runtime.listPodSandbox(ListPodSandboxRequest.newBuilder()
                                    .setFilter(PodSandboxFilter.newBuilder().setId(one))
                                    .build())
                            .getItemsList())
                    .extracting(PodSandbox::getId)
                    .containsExactly(one);
            assertThat(timeOf(() -> Requests.podStatus(cri, one))).isLessThan(Duration.ofSeconds(1));
        });
    }

    @Test
    void containersAreStreamed() throws Exception {
        node("containers", many -> many.repeatContainers(pod, container, RECORDS), (cri, ids) -> {
            var runtime = cri.runtime(DEADLINE);
            assertAllComeOnce(
                    ids,
                    runtime.streamContainers(StreamContainersRequest.getDefaultInstance()),
                    message -> message.getContainersList(),
                    Container::getId);
            Refused.with(
                    Code.RESOURCE_EXHAUSTED,
                    () -> runtime.listContainers(ListContainersRequest.getDefaultInstance()),
                    "StreamContainers");
            var one = ids.iterator().next();
            assertThat(runtime.listContainers(ListContainersRequest.newBuilder()
                                    .setFilter(ContainerFilter.newBuilder().setId(one))
                                    .build())
                            .getContainersList())
                    .extracting(Container::getId)
                    .containsExactly(one);
            assertThat(timeOf(() -> Requests.status(cri, one))).isLessThan(Duration.ofSeconds(1));
        });
    }

    @Test
    void imagesAreStreamed() throws Exception {
        node("images", many -> many.repeatImage(image, RECORDS), (cri, ids) -> {
            var images = cri.images(DEADLINE);
            assertAllComeOnce(
                    ids,
                    images.streamImages(StreamImagesRequest.getDefaultInstance()),
                    message -> message.getImagesList(),
                    Image::getId);
            Refused.with(
                    Code.RESOURCE_EXHAUSTED,
                    () -> images.listImages(ListImagesRequest.getDefaultInstance()),
                    "StreamImages");
            var one = ids.iterator().next();
            assertThat(images.listImages(ListImagesRequest.newBuilder()
                                    .setFilter(ImageFilter.newBuilder()
                                            .setImage(ImageSpec.newBuilder().setImage(one)))
                                    .build())
                            .getImagesList())
                    .extracting(Image::getId)
                    .containsExactly(one);
        });
    }

    /** Every item once, all of them together more than a message may be, and no message near that. */
    private static <M extends Message, T> void assertAllComeOnce(
            Set<String> ids, Iterator<M> messages, Function<M, List<T>> items, Function<T, String> id) {
        var left = new HashSet<>(ids);
        var bytes = 0L;
        while (messages.hasNext()) {
            var message = messages.next();
            assertThat(message.getSerializedSize()).isLessThan(LONGEST_MESSAGE_BYTES / 16);
            bytes += message.getSerializedSize();
            for (var item : items.apply(message)) {
                if (!left.remove(id.apply(item)) && ids.contains(id.apply(item))) {
                    throw new AssertionError(id.apply(item) + " came twice");
                }
            }
        }
        assertThat(left).as("what did not come").isEmpty();
        assertThat(bytes).isGreaterThan(LONGEST_MESSAGE_BYTES);
    }

    private static Duration timeOf(Runnable call) {
        var begin = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
