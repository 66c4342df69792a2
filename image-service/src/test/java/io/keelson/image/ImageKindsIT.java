package io.keelson.image;

import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.Mounts;
import io.keelson.image.Finding.Outcome;
import io.keelson.image.layer.Advance;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.layer.LayerFixture;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What images are, as whatever their layers are stored: pulled, shared, mounted, repaired, exported and removed. Needs root. */
@Timeout(60)
class ImageKindsIT {
    private Path root;
    private FakeRegistry registry;

    @BeforeEach
    void prepare() throws IOException {
        root = LayerFixture.temporary();
        registry = new FakeRegistry();
    }

    @AfterEach
    void cleanUp() {
        registry.close();
        for (var mount : Mounts.mountInfo().reversed()) {
            if (mount.mountPoint().startsWith(root)) {
                Mounts.unmountAll(mount.mountPoint());
            }
        }
        LayerFixture.delete(root);
    }

    private static List<Outcome> verify(Node node) {
        var findings = new ArrayList<Finding>();
        new ImageVerifier(node.catalog, node.layers, node.puller).verifyAll(IoBudget.UNLIMITED, findings::add);
        return findings.stream().map(Finding::outcome).toList();
    }

    private Path mounted(RootFilesystems filesystems, Node node, ImageId id, String container) throws IOException {
        var directory = Files.createDirectories(root.resolve("containers").resolve(container));
        try (var held = node.catalog.hold(id.toString()).orElseThrow()) {
            return filesystems.mount(held.layers(), directory, IdMap.IDENTITY).root();
        }
    }

    /** Of the files that {@code TestImage} makes. */
    private static String contents(Path root) {
        return shell("cd \"$1\"; for f in file-*; do cat $f; echo; done | sort | tr '\\n' ','", root);
    }

    /** Changes one byte of something that {@code TestImage} wrote, as a disk might. */
    private static void damage(Path layer) {
        shell(
                "f=$(find \"$1\" -type f -size +0 | head -1); n=$(stat -c %s \"$f\"); printf '\\377' | dd of=\"$f\" bs=1 seek=$((n / 2)) conv=notrunc status=none",
                layer);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void oneLifeOfAnImage(LayerKind kind) throws IOException {
        try (var node = Node.storing(root.resolve("node"), kind)) {
            var filesystems = new RootFilesystems(root.resolve("mounts"), kind);
            node.layers.tellReplaced(filesystems::mountAnew);
            var image = TestImage.of("one", "two").in(registry, "v1");
            TestImage.of("one", "three").in(registry, "v2");
            var id = node.pull(registry.host() + "/app:v1");
            var other = node.pull(registry.host() + "/app:v2");
            assertThat(node.layers.list()).as("one of them is in both").hasSize(3);

            var before = mounted(filesystems, node, id, "before");
            assertThat(verify(node)).hasSize(7).containsOnly(Outcome.SOUND);
            assertThat(contents(before)).isEqualTo("one,two,");
            node.usedByContainers.addAll(List.of(image.diffId(0), image.diffId(1)));
            damage(node.layers.find(image.diffId(0)).orElseThrow().file());
            assertThat(verify(node)).containsOnlyOnce(Outcome.REPAIRED).doesNotContain(Outcome.DAMAGED);
            assertThat(verify(node)).containsOnly(Outcome.SOUND);
            assertThat(contents(mounted(filesystems, node, other, "other"))).isEqualTo("one,three,");
            assertThat(contents(mounted(filesystems, node, id, "after"))).isEqualTo("one,two,");
            assertThat(contents(before)).as("what it stands on is there").contains("two,");

            var exported = root.resolve("exported");
            new ImageExporter(node.catalog).export(id.toString(), exported, ImageExporter.Format.DIRECTORY);
            node.remover.remove(id.toString());
            node.remover.remove(other.toString());
            assertThat(node.layers.list()).as("containers have them").hasSize(2);
            assertThat(contents(before)).contains("two,");

            for (var container : List.of("before", "after", "other")) {
                filesystems.unmount(root.resolve("containers").resolve(container));
            }
            node.usedByContainers.clear();
            node.remover.removeUnusedLayers();
            node.layers.awaitRemovals();
            assertThat(root.resolve("node/layers")).isEmptyDirectory();
            assertThat(node.layers.usedBytes()).isZero();
            var name = Optional.of(ImageReference.parse(registry.host() + "/app:v3"));
            assertThat(node.importer().importFrom(exported, name, new Advance()))
                    .containsExactly(id);
            assertThat(verify(node)).containsOnly(Outcome.SOUND);
        }
    }
}
