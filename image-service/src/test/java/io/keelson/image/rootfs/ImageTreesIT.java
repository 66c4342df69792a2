package io.keelson.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerFixture;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs root and a kernel that mounts EROFS from files (6.12). */
class ImageTreesIT {
    private Path work;
    private Path container;
    private LayerStore store;
    private RootFilesystems filesystems;

    @BeforeEach
    void prepare() throws IOException {
        work = LayerFixture.temporary();
        container = Files.createDirectories(work.resolve("containers/one"));
        store = LayerStore.open(work.resolve("store"));
        filesystems = new RootFilesystems(work.resolve("mounts"));
    }

    @AfterEach
    void cleanUp() {
        for (var mount : Mounts.mountInfo().reversed()) {
            if (mount.mountPoint().startsWith(work)) {
                Mounts.unmountAll(mount.mountPoint());
            }
        }
        LayerFixture.delete(work);
    }

    private List<Layer> layers(byte[]... tars) {
        return List.of(tars).stream()
                .map(tar -> LayerFixture.convert(store, tar))
                .toList();
    }

    private static byte[] base() {
        return new TarBytes()
                .mode(0711)
                .directory("./")
                .mode(0750)
                .directory("d/")
                .file("d/gone", "1")
                .file("d/kept", "2")
                .symbolicLink("d/inside", "kept")
                .symbolicLink("d/up", "../d/kept")
                .symbolicLink("out", "../../../../etc")
                .symbolicLink("absolute", "/d")
                .end();
    }

    private Path mount(byte[]... tars) {
        return filesystems.trees().mount(layers(tars), container, 3, IdMap.IDENTITY);
    }

    @Test
    void showsTheLayersTogetherAndNobodyWrites() throws IOException {
        var root = mount(
                base(), new TarBytes().file("d/.wh.gone", "").file("d/new", "3").end());

        assertThat(root.resolve("d/new")).hasContent("3");
        assertThat(root.resolve("d/kept")).hasContent("2");
        assertThat(root.resolve("d/gone")).doesNotExist();
        assertThat(Files.getAttribute(root, "unix:mode")).isEqualTo(040711);
        assertThat(Files.getAttribute(root.resolve("d"), "unix:mode"))
                .as("of the layer that has an entry for it")
                .isEqualTo(040750);
        assertThatThrownBy(() -> Files.createFile(root.resolve("x"))).hasMessageContaining("Read-only");
    }

    @Test
    void oneLayerIsEnough() {
        assertThat(mount(base()).resolve("d/kept")).hasContent("2");
    }

    @Test
    void nothingIsMountedAfterTheEndHoweverOftenItComes() {
        mount(base());
        filesystems.trees().unmount(container);
        filesystems.trees().unmount(container);

        assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(container));
    }

    @Test
    void aTreeThatCannotBeMountedLeavesNothingMounted() throws IOException {
        var lower = new TarBytes().file("d/f", "1").end();
        var layers = layers(base(), lower);
        Files.delete(layers.getFirst().file());

        assertThatThrownBy(() -> filesystems.trees().mount(layers, container, 3, IdMap.IDENTITY))
                .isInstanceOf(Failure.class);
        assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(container));
    }

    @Test
    @Tag("T29")
    void aPathInItIsResolvedWithoutLeavingIt() {
        var root = mount(base());

        assertThat(ImageTrees.resolve(root, "")).isEqualTo(root);
        assertThat(ImageTrees.resolve(root, "d/inside")).isEqualTo(root.resolve("d/kept"));
        assertThat(ImageTrees.resolve(root, "d/up")).isEqualTo(root.resolve("d/kept"));
        refused(root, "out", Failure.Kind.INVALID);
        refused(root, "absolute", Failure.Kind.INVALID);
        refused(root, "../one", Failure.Kind.INVALID);
        refused(root, "d/none", Failure.Kind.ABSENT);
        refused(root, "d/kept/below", Failure.Kind.ABSENT);
    }

    private static void refused(Path root, String subPath, Failure.Kind kind) {
        assertThatThrownBy(() -> ImageTrees.resolve(root, subPath))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
}
