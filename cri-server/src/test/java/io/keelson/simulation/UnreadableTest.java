package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.record.SetAside.Kept;
import io.keelson.image.ImageId;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.pod.PodId;
import io.keelson.pod.container.ContainerId;
import io.keelson.server.log.LoggingConfigurator;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One place of a disk cannot be read at a start (EIO). What is there is lost, told, and taken back as far as that goes; all else is
 * there as before, and what was lost can be asked for anew.
 */
class UnreadableTest {
    private static final Registry REGISTRY = new Registry();
    private static final RegistryClient CLIENT = new RegistryClient(RegistrySettings.DEFAULT);
    private static final String IMAGE = REGISTRY.put("one", "some text");
    private static final String OTHER_IMAGE = REGISTRY.put("other", "another text");

    @BeforeAll
    static void begin() {
        LoggingConfigurator.setLevel("off");
    }

    @AfterAll
    static void end() {
        LoggingConfigurator.setLevel("info");
        CLIENT.close();
        REGISTRY.close();
    }

    /** What fails of the place, and of all below it. */
    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private enum Trouble {
        CONTENTS("read"),
        /** It can be neither looked at nor moved nor taken away. */
        ALL("look", "read", "open", "mkdir", "rename", "unlink");

        private final Set<String> calls;

        Trouble(String... calls) {
            this.calls = Set.of(calls);
        }

        SimulatedDisk.Fault at(Path place) {
            return (call, path) -> {
                if (calls.contains(call) && path.startsWith(place)) {
                    throw new FileSystemException(path.toString(), null, "Input/output error");
                }
            };
        }
    }

    /** What is on the disk of a node, of the pod and image that the test is about. */
    @SuppressWarnings("ImmutableEnumChecker") // names are looked up and have no state
    enum Place {
        POD_RECORD("pods/%s.json", scene -> scene.pod.hex()),
        POD_DIRECTORY("pods/%s", scene -> scene.pod.hex()),
        CONTAINER_RECORD("containers/%s/record.json", scene -> scene.container.hex()),
        CONTAINER_STATUS("containers/%s/status.json", scene -> scene.container.hex()),
        CONTAINER_DIRECTORY("containers/%s", scene -> scene.container.hex()),
        IMAGE_RECORD(
                "image-records/sha256-%s.json", scene -> scene.image.digest().hex()),
        IMAGE_CONFIG("images/blobs/sha256/%s", scene -> scene.image.digest().hex()),
        IMAGE_INDEX("images/%s", _ -> "index.json"),
        PULL("image-records/sha256-%s.pull", scene -> scene.image.digest().hex()),
        LAYER_RECORD("layers/%s/layer.json", scene -> scene.layer),
        LAYER("layers/%s", scene -> scene.layer);

        private final String format;
        private final Function<Scene, String> name;

        Place(String format, Function<Scene, String> name) {
            this.format = format;
            this.name = name;
        }

        Path of(Scene scene) {
            return scene.disk.root().resolve("root").resolve(format.formatted(name.apply(scene)));
        }
    }

    /** Two pods with a container each, of an image each. */
    static final class Scene {
        final SimulatedDisk disk = new SimulatedDisk(new Journal());
        final SimulatedKernel kernel = new SimulatedKernel(new Journal());
        final PodId pod;
        final ContainerId container;
        final ImageId image;
        final String layer;
        private final PodId otherPod;
        private final ContainerId otherContainer;

        Scene() {
            var node = new PodNode(disk, kernel, CLIENT);
            node.images.pull(IMAGE);
            node.images.pull(OTHER_IMAGE);
            pod = node.starter.start(PodWorld.spec("one"));
            container = run(node, pod, IMAGE);
            otherPod = node.starter.start(PodWorld.spec("other"));
            otherContainer = run(node, otherPod, OTHER_IMAGE);
            var record = node.images.catalog.get(IMAGE);
            image = record.id();
            layer = record.diffIds().getFirst().hex();
        }

        static ContainerId run(PodNode node, PodId pod, String image) {
            var id = node.creator.create(pod, PodWorld.config(image, "runs"));
            node.containerStarter.start(id);
            return id;
        }

        PodNode start() {
            return new PodNode(disk, kernel, CLIENT);
        }

        void assertLost(PodNode node, boolean isPod, boolean isContainer, boolean isImage) {
            assertThat(PodWorld.pods(node).stream().map(each -> each.id()))
                    .containsExactlyInAnyOrderElementsOf(unless(isPod, pod, otherPod));
            assertThat(PodWorld.containers(node).stream().map(each -> each.id()))
                    .containsExactlyInAnyOrderElementsOf(unless(isContainer, container, otherContainer));
            assertThat(node.images.has(OTHER_IMAGE)).isTrue();
            assertThat(node.images.has(IMAGE)).isNotEqualTo(isImage);
            assertThat(kernel.held()).allSatisfy(thing -> {
                assertThat(thing).matches(_ -> !isPod || !thing.contains(pod.hex()));
                assertThat(thing).matches(_ -> !isContainer || !thing.contains(container.hex()));
            });
        }

        private static <T> List<T> unless(boolean isLost, T one, T other) {
            return isLost ? List.of(other) : List.of(one, other);
        }
    }

    private static List<Kept> told(PodNode node) {
        return Stream.of(node.quarantine.setAside(), node.images.layers.setAside(), node.images.catalog.setAside())
                .flatMap(each -> each.list().stream())
                .toList();
    }

    @ParameterizedTest
    @Tag("D2")
    @Tag("P2")
    @CsvSource({
        "POD_RECORD,          true,  true,  false",
        "POD_DIRECTORY,       false, false, false",
        "CONTAINER_RECORD,    false, true,  false",
        "CONTAINER_STATUS,    false, true,  false",
        "CONTAINER_DIRECTORY, false, true,  false",
        "IMAGE_RECORD,        false, false, true",
        "IMAGE_CONFIG,        false, false, true",
        "IMAGE_INDEX,         false, false, false",
        "PULL,                false, false, false",
        "LAYER_RECORD,        false, false, true",
        "LAYER,               false, false, true"
    })
    void whatCannotBeReadIsLostAndToldAndNothingElseIs(Place place, boolean isPod, boolean isContainer, boolean isImage)
            throws IOException {
        for (var trouble : Trouble.values()) {
            var scene = new Scene();
            var path = place.of(scene);
            scene.disk.fail(trouble.at(path));

            var node = scene.start();

            scene.assertLost(node, isPod, isContainer, isImage);
            if (isPod || isContainer || isImage) {
                assertThat(told(node))
                        .as("%s, %s", place, trouble)
                        .anySatisfy(each ->
                                assertThat(each.why()).contains(path.toString()).contains("Input/output error"));
            } else {
                assertThat(told(node)).isEmpty();
            }
            assertAskedForAnew(scene, scene.start(), isPod, isContainer);
        }
    }

    /** As kubelet does: the next attempt has another name. */
    private static void assertAskedForAnew(Scene scene, PodNode node, boolean isPod, boolean isContainer) {
        scene.disk.fail(SimulatedDisk.Fault.NONE);
        var wanted = new ArrayList<ContainerId>();
        node.images.pull(IMAGE);
        var pod = isPod ? node.starter.start(PodWorld.spec("one")) : scene.pod;
        if (isContainer) {
            wanted.add(Scene.run(node, pod, IMAGE));
        }
        wanted.add(scene.otherContainer);
        assertThat(PodWorld.containers(node).stream().map(each -> each.id())).containsAll(wanted);
        assertThat(scene.start().images.has(IMAGE)).isTrue();
    }
}
