package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.json.Json;
import io.keelson.image.ImageRecord;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerTar;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Images are pulled, tagged anew, removed and collected, and the daemon is killed, or the power goes, after every change of the disk that
 * this makes. Whatever is left, the next daemon starts, has every image that was acknowledged, whole to the last byte, and none that was
 * removed, and no file that nothing needs; and the same requests succeed.
 */
class ImageCrashTest {
    private static final Registry REGISTRY = new Registry();
    private static final RegistryClient CLIENT = new RegistryClient(RegistrySettings.DEFAULT);
    static final int IN_CHECK = 700;
    private static final int OF_DOCKER_IN_CHECK = 200;
    private static final int TWICE = 20;
    private static final int MAX_BYTES = 1 << 20;
    private static final String IMAGE = "image";
    /** The thread that gives back the space of layers. */
    private static final String DISPOSAL = "disposal";

    /** What makes layers, and what keeps their blobs. */
    private static final Set<String> LAYERS = Set.of("layer-convert", "flight-sha256:");

    @AfterAll
    static void end() {
        CLIENT.close();
        REGISTRY.close();
    }

    @Test
    @Tag("K1")
    @Tag("P1")
    void imagesSurviveDeathsAndPowerFailures() {
        run("images", new Images(List.of("one", "two", "moved"), false), IN_CHECK);
    }

    /** Of Docker's family, whose layers others can read: for each there is a manifest of ours, which the layout's index names. */
    @Test
    @Tag("K1")
    @Tag("P1")
    void manifestsOfOursAreNamedOrGone() {
        run("images for others", new Images(List.of("docker", "same"), true), OF_DOCKER_IN_CHECK);
    }

    private static void run(String name, Images images, int states) {
        var journal = images.recorded();
        CrashStates.assertRepeats(journal, images.recorded());

        var crashes = new CrashStates(name, journal, images, states);
        crashes.assertReplays(TWICE);

        crashes.run();
    }

    private interface Answer {
        void to(Promises promises, String object);
    }

    /** @param tags that are pulled again in the end */
    private record Images(List<String> tags, boolean areForOthers) implements CrashStates.Scenario {
        /** What happens in a run that nothing disturbs. */
        List<Step> recorded() {
            var journal = new Journal();
            var disk = new SimulatedDisk(journal);
            var node = node(disk);
            REGISTRY.whenAsked(documents -> disk.order(
                    LAYERS,
                    documents.stream()
                            .map(digest -> "/images/blobs/sha256/" + digest)
                            .toList()));
            if (areForOthers) {
                doForOthers(journal, disk, node);
            } else {
                doAll(journal, disk, node);
            }
            REGISTRY.whenAsked(_ -> {});
            return journal.steps();
        }

        private static void doAll(Journal journal, SimulatedDisk disk, ImageNode node) {
            var one = REGISTRY.put("one", "some text");
            var two = REGISTRY.put("two", "other text");
            var moved = REGISTRY.put("moved", "a text that changes");
            asked(journal, disk, node, one, () -> node.pull(one), Promises::exists);
            asked(journal, disk, node, moved, () -> node.pull(moved), Promises::exists);
            asked(journal, disk, node, two, () -> node.pull(two), Promises::exists);
            REGISTRY.put("moved", "a text that has changed");
            // Either of its images may have the tag while it moves; one has it all the time.
            node.pull(moved);
            asked(journal, disk, node, two, () -> node.remover.remove(two), Promises::gone);
            asked(journal, disk, node, one, () -> node.remover.remove(one), Promises::gone);
            asked(journal, disk, node, one, () -> node.pull(one), Promises::exists);
        }

        private static void doForOthers(Journal journal, SimulatedDisk disk, ImageNode node) {
            var docker = REGISTRY.putOfDocker("docker", "a text for others");
            var same = REGISTRY.putOfDocker("same", "another text for others");
            asked(journal, disk, node, docker, () -> node.pull(docker), Promises::exists);
            asked(journal, disk, node, same, () -> node.pull(same), Promises::exists);
            asked(journal, disk, node, docker, () -> node.remover.remove(docker), Promises::gone);
        }

        private static void asked(
                Journal journal, SimulatedDisk disk, ImageNode node, String name, Runnable request, Answer answer) {
            var object = IMAGE + " " + name;
            journal.add(new Step.Answered(promises -> promises.underWay(object)));
            disk.hold(DISPOSAL);
            request.run();
            journal.add(new Step.Answered(promises -> answer.to(promises, object)));
            disk.hold(SimulatedDisk.NOBODY);
            node.layers.awaitRemovals();
        }

        private ImageNode node(SimulatedDisk disk) {
            return new ImageNode(disk.root(), CLIENT, areForOthers);
        }

        @Override
        public void restart(SimulatedDisk disk, SimulatedKernel kernel) {
            var _ = node(disk);
        }

        @Override
        public void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises) {
            var node = node(disk);
            promises.mustExist(IMAGE)
                    .forEach(name -> assertThat(node.has(name)).as(name).isTrue());
            promises.mustBeGone(IMAGE)
                    .forEach(name -> assertThat(node.has(name)).as(name).isFalse());
            assertWhole(disk, node);
            for (var tag : tags) {
                node.pull(REGISTRY.name(tag));
                assertThat(node.has(REGISTRY.name(tag))).as(tag).isTrue();
            }
            assertWhole(disk, node);
            node.images().forEach(image -> node.remove(image.id().toString()));
            assertThat(node.images()).isEmpty();
            assertWhole(disk, node);
        }

        /** Every layer is what its diffID says, and every file belongs to an image. */
        private void assertWhole(SimulatedDisk disk, ImageNode node) {
            var expected = new HashSet<>(Set.of("/images/oci-layout", "/images/index.json"));
            for (var image : node.images()) {
                expected.addAll(files(image));
                image.diffIds().stream()
                        .map(diffId -> node.layers.find(diffId).orElseThrow())
                        .forEach(layer -> assertWhole(layer, disk, expected));
            }
            if (areForOthers) {
                expected.addAll(named(disk, node));
            }
            assertThat(disk.everything())
                    .filteredOn(file -> !file.endsWith("/"))
                    .isSubsetOf(expected);
            assertThat(disk.everything()).noneMatch(file -> file.matches("/layers/.+/"));
        }

        /** The layers of the test's registry are not packed: a blob is the tar itself, and stands for it where blobs are kept. */
        private void assertWhole(Layer layer, SimulatedDisk disk, Set<String> expected) {
            if (areForOthers) {
                assertThat(sha256(disk, blob(layer.diffId()))).isEqualTo(layer.diffId());
                expected.add(blob(layer.diffId()));
            } else {
                LayerTar.write(layer, OutputStream.nullOutputStream());
            }
        }

        /** The manifests that the index names: each image's name with one of OCI's family, whole. */
        private static Set<String> named(SimulatedDisk disk, ImageNode node) {
            var index = Json.parseObject(read(disk, "/images/index.json"));
            var names = new TreeSet<String>();
            var files = new HashSet<String>();
            for (var manifest : index.objects("manifests")) {
                var digest = Digest.parse(manifest.text("digest"));
                assertThat(manifest.text("mediaType")).isEqualTo("application/vnd.oci.image.manifest.v1+json");
                assertThat(sha256(disk, blob(digest))).isEqualTo(digest);
                names.add(manifest.object("annotations").text("org.opencontainers.image.ref.name"));
                files.add(blob(digest));
            }
            assertThat(names)
                    .isEqualTo(node.images().stream()
                            .flatMap(image -> image.repoTags().stream())
                            .collect(Collectors.toCollection(TreeSet::new)));
            return files;
        }

        private static Digest sha256(SimulatedDisk disk, String file) {
            return Digest.of("sha256", read(disk, file));
        }

        private static byte[] read(SimulatedDisk disk, String file) {
            return DurableFiles.read(disk.root().resolve(file.substring(1)), MAX_BYTES);
        }
    }

    private static List<String> files(ImageRecord image) {
        var files = new ArrayList<String>();
        var id = image.id().digest();
        files.add("/image-records/sha256-" + id.hex() + ".json");
        files.add("/image-records/sha256-" + id.hex() + ".pull");
        files.add(blob(id));
        image.manifests().forEach(manifest -> files.add(blob(manifest.digest())));
        for (var diffId : image.diffIds()) {
            for (var file : List.of("layer.erofs", "layer.json", "layer.headers")) {
                files.add("/layers/" + diffId.hex() + "/" + file);
            }
        }
        return files;
    }

    private static String blob(Digest digest) {
        return "/images/blobs/sha256/" + digest.hex();
    }
}
