package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.ImageRecord;
import io.keelson.image.layer.LayerTar;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Images are pulled, tagged anew, removed and collected, and the daemon is killed, or the power goes, after every change of the disk that
 * this makes. Whatever is left, the next daemon starts, has every image that was acknowledged, whole to the last byte, and none that was
 * removed, and no file that nothing needs; and the same requests succeed.
 */
class ImageCrashTest implements CrashStates.Scenario {
    private static final Registry REGISTRY = new Registry();
    private static final RegistryClient CLIENT = new RegistryClient(RegistrySettings.DEFAULT);
    static final int IN_CHECK = 700;
    private static final int TWICE = 20;
    private static final String IMAGE = "image";
    /** The thread that gives back the space of layers. */
    private static final String DISPOSAL = "disposal";

    private static final List<String> TAGS = List.of("one", "two", "moved");

    @AfterAll
    static void end() {
        CLIENT.close();
        REGISTRY.close();
    }

    @Test
    @Tag("K1")
    @Tag("P1")
    void imagesSurviveDeathsAndPowerFailures() {
        var journal = recorded();
        CrashStates.assertRepeats(journal, recorded());

        var states = new CrashStates("images", journal, this, IN_CHECK);
        states.assertReplays(TWICE);

        states.run();
    }

    /** What happens in a run that nothing disturbs. */
    private static List<Step> recorded() {
        var journal = new Journal();
        var disk = new SimulatedDisk(journal);
        var node = new ImageNode(disk.root(), CLIENT);
        REGISTRY.whenAsked(documents -> disk.order(
                "layer-convert",
                documents.stream()
                        .map(digest -> "/images/blobs/sha256/" + digest)
                        .toList()));
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
        REGISTRY.whenAsked(_ -> {});
        return journal.steps();
    }

    private interface Answer {
        void to(Promises promises, String object);
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

    @Override
    public void restart(SimulatedDisk disk, SimulatedKernel kernel) {
        var _ = new ImageNode(disk.root(), CLIENT);
    }

    @Override
    public void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises) {
        var node = new ImageNode(disk.root(), CLIENT);
        promises.mustExist(IMAGE)
                .forEach(name -> assertThat(node.has(name)).as(name).isTrue());
        promises.mustBeGone(IMAGE)
                .forEach(name -> assertThat(node.has(name)).as(name).isFalse());
        assertWhole(disk, node);
        for (var tag : TAGS) {
            node.pull(REGISTRY.name(tag));
            assertThat(node.has(REGISTRY.name(tag))).as(tag).isTrue();
        }
        assertWhole(disk, node);
        node.images().forEach(image -> node.remove(image.id().toString()));
        assertThat(node.images()).isEmpty();
        assertWhole(disk, node);
    }

    /** Every layer is what its diffID says, and every file belongs to an image. */
    private static void assertWhole(SimulatedDisk disk, ImageNode node) {
        var expected = new HashSet<>(Set.of("/images/oci-layout", "/images/index.json"));
        for (var image : node.images()) {
            expected.addAll(files(image));
            image.diffIds()
                    .forEach(diffId ->
                            LayerTar.write(node.layers.find(diffId).orElseThrow(), OutputStream.nullOutputStream()));
        }
        assertThat(disk.everything()).filteredOn(file -> !file.endsWith("/")).isSubsetOf(expected);
        assertThat(disk.everything()).noneMatch(file -> file.matches("/layers/.+/"));
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
