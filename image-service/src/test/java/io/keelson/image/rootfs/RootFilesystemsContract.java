package io.keelson.image.rootfs;

import static io.keelson.image.layer.LayerFixture.assertSame;
import static io.keelson.image.layer.LayerFixture.describeShape;
import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerFixture;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What root file systems are, however layers are mounted. Needs root, and umoci, whose unpacking says what the result should be. */
abstract class RootFilesystemsContract {
    private final LayerKind kind;

    private Path work;
    private Path container;
    private LayerStore store;
    private RootFilesystems rootFilesystems;

    RootFilesystemsContract(LayerKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void prepare() throws IOException {
        work = LayerFixture.temporary();
        container = Files.createDirectories(work.resolve("containers/one"));
        store = LayerStore.open(work.resolve("store"));
        rootFilesystems = new RootFilesystems(work.resolve("mounts"), kind);
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

    /** The directories that every root file system gets, so that none has to be added. */
    private static TarBytes base() {
        var tar = new TarBytes().mode(0755).directory("./");
        return tar.directory("dev/").directory("proc/").directory("sys/").directory("etc/");
    }

    private List<Layer> layers(byte[]... tars) {
        var layers = new ArrayList<Layer>();
        for (var tar : tars) {
            layers.add(LayerFixture.convert(store, tar, kind));
        }
        return layers;
    }

    private Path mount(byte[]... tars) {
        return rootFilesystems.mount(layers(tars), container, IdMap.IDENTITY).root();
    }

    private void assertEqualsUmoci(byte[]... tars) throws IOException {
        var layout = work.resolve("layout");
        shell("umoci init --layout \"$1\"; umoci new --image \"$1:t\"", layout);
        var file = work.resolve("layer.tar");
        for (var tar : tars) {
            Files.write(file, tar);
            shell("umoci raw add-layer --image \"$1:t\" \"$2\"", layout, file);
        }
        var unpacked = work.resolve("unpacked");
        shell("umoci raw unpack --image \"$1:t\" \"$2\"", layout, unpacked);
        assertSame(describeShape(mount(tars)), describeShape(unpacked));
    }

    @Test
    void showsLayersOnTopOfEachOther() throws IOException {
        assertEqualsUmoci(
                base().directory("a/")
                        .file("a/kept", "1")
                        .file("a/replaced", "old")
                        .file("b", "2")
                        .end(),
                new TarBytes()
                        .mode(0755)
                        .directory("a/")
                        .file("a/replaced", "new")
                        .file("a/added", "3")
                        .end());
    }

    @Test
    void hidesWhatWhiteoutsName() throws IOException {
        assertEqualsUmoci(
                base().directory("a/")
                        .file("a/gone", "1")
                        .file("a/kept", "2")
                        .directory("tree/")
                        .file("tree/f", "x")
                        .end(),
                new TarBytes()
                        .mode(0755)
                        .directory("a/")
                        .file("a/.wh.gone", "")
                        .file(".wh.tree", "")
                        .end());
    }

    @Test
    void hidesTheContentsOfOpaqueDirectories() throws IOException {
        assertEqualsUmoci(
                base().directory("a/")
                        .file("a/gone", "1")
                        .directory("a/sub/")
                        .file("a/sub/gone", "2")
                        .end(),
                new TarBytes()
                        .mode(0755)
                        .directory("a/")
                        .file("a/.wh..wh..opq", "")
                        .file("a/new", "3")
                        .end());
    }

    @Test
    void keepsEntriesOfTheSameLayerWhateverComesFirst() {
        var root = mount(
                base().directory("a/")
                        .file("a/old", "1")
                        .directory("b/")
                        .file("b/old", "1")
                        .file("c", "old")
                        .end(),
                new TarBytes()
                        .mode(0755)
                        .file(".wh.a", "")
                        .directory("a/")
                        .file("a/new", "2")
                        .directory("b/")
                        .file("b/new", "2")
                        .file("b/.wh..wh..opq", "")
                        .file("c", "new")
                        .file(".wh.c", "")
                        .end());
        assertThat(shell("cd \"$1\"; ls a b; cat c", root)).isEqualTo("a:\nnew\n\nb:\nnew\nnew");
    }

    /** The same for layers that nobody thought of: files, directories, whiteouts and opaque directories in any order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void showsOfRandomLayersWhatUmociUnpacks(long seed) throws IOException {
        var random = new Random(seed);
        assertEqualsUmoci(
                base().directory("a/")
                        .directory("a/a/")
                        .directory("b/")
                        .mode(0644)
                        .file("a/c", "0")
                        .file("a/a/c", "0")
                        .file("b/d", "0")
                        .end(),
                randomLayer(random),
                randomLayer(random),
                randomLayer(random));
    }

    private static byte[] randomLayer(Random random) {
        var tar = new TarBytes();
        var taken = new HashSet<String>();
        for (var i = 0; i < 8; i++) {
            var directory = List.of("", "a/", "a/a/", "b/").get(random.nextInt(4));
            var name = List.of("c", "d", "e").get(random.nextInt(3));
            if (!taken.add(directory + name)) {
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> tar.file(directory + ".wh." + name, "");
                case 1 ->
                    tar.mode(0755)
                            .directory(directory + name + "/")
                            .mode(0644)
                            .file(directory + name + "/.wh..wh..opq", "")
                            .file(directory + name + "/in", "new");
                case 2 -> tar.mode(0755).directory(directory + name + "/").mode(0644);
                default -> tar.file(directory + name, "layer " + random.nextInt());
            }
        }
        return (random.nextBoolean() ? tar : tar.file("a/a/.wh..wh..opq", "")).end();
    }

    @Test
    void replacesOneTypeByAnother() throws IOException {
        assertEqualsUmoci(
                base().directory("d/")
                        .file("d/f", "1")
                        .file("f", "2")
                        .symbolicLink("l", "f")
                        .end(),
                new TarBytes()
                        .mode(0755)
                        .file("d", "now a file")
                        .directory("f/")
                        .file("f/x", "3")
                        .directory("l/")
                        .end());
    }

    @Test
    void takesTheAttributesOfImpliedDirectoriesFromBelow() throws IOException {
        var above = new TarBytes();
        var below = base().mode(0700)
                .owner(7, 8)
                .directory("a/")
                .pax("SCHILY.xattr.user.x", "y")
                .mode(02771)
                .directory("a/b/");
        assertEqualsUmoci(
                below.end(),
                above.mode(0640).file("a/b/file", "1").end(),
                new TarBytes()
                        .mode(0600)
                        .file("a/b/other", "2")
                        .file("a/.wh.none", "")
                        .end());
    }

    @Test
    void leavesImpliedDirectoriesAloneThatALayerAboveDescribes() throws IOException {
        assertEqualsUmoci(
                base().mode(0700).directory("a/").end(),
                new TarBytes().file("a/file", "1").end(),
                new TarBytes().mode(0711).owner(3, 4).directory("a/").end());
    }

    @Test
    void givesAnImpliedDirectoryNothingOfOneThatWasRemoved() {
        var root = mount(
                base().mode(0700).owner(9, 9).directory("a/").end(),
                new TarBytes().file(".wh.a", "").end(),
                new TarBytes().file("a/file", "1").end());
        assertThat(shell("stat -c '%a %u' \"$1/a\"", root)).isEqualTo("755 0\n");
    }

    @Test
    void givesTheRootItsAttributes() {
        var root = mount(
                base().end(),
                new TarBytes().mode(0711).owner(5, 6).directory("./").end(),
                new TarBytes().file("f", "").end());
        assertThat(shell("stat -c '%a %u %g' \"$1\"", root)).isEqualTo("711 5 6\n");
    }

    @Test
    void mountsAnImageThatRepeatsALayer() {
        var empty = new TarBytes().end();
        var root = mount(
                base().file("f", "1").end(),
                empty,
                new TarBytes().file("g", "2").end(),
                empty);
        assertThat(shell("cat \"$1/f\" \"$1/g\"", root)).isEqualTo("12");
    }

    @Test
    void keepsChangesInTheUpperDirectory() throws IOException {
        var root = mount(base().file("f", "1").end());
        shell("echo changed > \"$1/f\"; mknod \"$1/n\" c 1 3", root);
        assertThat(container.resolve("upper/f")).hasContent("changed\n");
        rootFilesystems.unmount(container);
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void sharesTheMountOfALayerAndUnmountsWhatNobodyUses() throws IOException {
        var shared = base().end();
        var layers = layers(shared, new TarBytes().file("f", "1").end());
        rootFilesystems.mount(layers, container, IdMap.IDENTITY);
        var other = Files.createDirectories(work.resolve("containers/two"));
        rootFilesystems.mount(layers.subList(0, 1), other, IdMap.IDENTITY);
        assertThat(layerMounts()).isEqualTo(2);
        rootFilesystems.unmountUnused(Set.of(layers.getFirst().diffId()));
        assertThat(layerMounts()).isEqualTo(1);
        assertThat(container.resolve("rootfs/f")).hasContent("1");
    }

    private long layerMounts() {
        return Mounts.mountInfo().stream()
                .filter(mount -> mount.mountPoint().startsWith(work.resolve("mounts")))
                .count();
    }

    @Test
    void mountsBelowLongPaths() throws IOException {
        var layers = new ArrayList<>(layers(base().end()));
        for (var i = 0; i < 20; i++) {
            layers.add(LayerFixture.convert(
                    store, new TarBytes().file("f" + i, "x").end(), kind));
        }
        var deep = Files.createDirectories(container.resolve("d".repeat(200)).resolve("e".repeat(200)));
        var root = rootFilesystems.mount(layers, deep, IdMap.IDENTITY).root();
        assertThat(shell("ls \"$1\" | wc -l", root).strip()).isEqualTo("24");
        rootFilesystems.unmount(deep);
    }

    @Test
    void givesAnImageWithoutLayersARootToFill() throws IOException {
        var root = rootFilesystems.mount(List.of(), container, IdMap.IDENTITY).root();
        Files.writeString(root.resolve("new"), "written");
        assertThat(shell("ls \"$1\" | tr '\\n' ' '; stat -c %a \"$1\"", root))
                .endsWith("755\n")
                .contains("dev ", "new ");
    }

    @Test
    void mountsAsManyLayersAsAnOverlayHasAndRefusesMore() {
        var layers = new ArrayList<>(layers(base().end()));
        for (var i = layers.size(); i < RootFilesystems.MAX_LAYERS; i++) {
            layers.add(LayerFixture.convert(
                    store, new TarBytes().file("f" + i, "x").end(), kind));
        }
        var root = rootFilesystems.mount(layers, container, IdMap.IDENTITY).root();
        assertThat(shell("ls \"$1\" | wc -l", root).strip()).isEqualTo("503");
        rootFilesystems.unmount(container);
        layers.add(LayerFixture.convert(store, new TarBytes().file("more", "x").end(), kind));
        assertThatThrownBy(() -> rootFilesystems.mount(layers, container, IdMap.IDENTITY))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("501 layers");
    }

    @Test
    @Tag("T28")
    @Tag("T23")
    @Tag("T26")
    void putsDirectoriesWhereAnImageHasLinksToTheHost() throws IOException {
        var victim = Files.createDirectory(work.resolve("victim"));
        var root = mount(new TarBytes()
                .symbolicLink("dev", victim.toString())
                .symbolicLink("proc", "../../../../" + victim)
                .file("sys", "a file")
                .symbolicLink("etc", "/nowhere")
                .symbolicLink("run", victim.toString())
                .end());
        for (var name : List.of("dev", "proc", "sys", "etc", "run")) {
            assertThat(Files.isDirectory(root.resolve(name), LinkOption.NOFOLLOW_LINKS))
                    .isTrue();
        }
        assertThat(victim).isEmptyDirectory();
    }

    @Test
    void leavesNothingMountedWhenTheKernelRefuses() throws IOException {
        var layers = layers(base().end());
        Files.createDirectories(container);
        Files.writeString(container.resolve("work"), "in the way");
        assertThatThrownBy(() -> rootFilesystems.mount(layers, container, IdMap.IDENTITY))
                .isInstanceOf(Failure.class);
        assertThat(Mounts.isMountPoint(container.resolve("rootfs"))).isFalse();
    }

    private static final class Holder implements AutoCloseable {
        private final Process process;

        /** A user namespace in which 0 is 100000 for users and 200000 for groups. */
        Holder() throws IOException {
            process = new ProcessBuilder("unshare", "--user", "cat").start();
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            process.getInputStream().read();
            Files.writeString(Path.of("/proc/" + process.pid() + "/uid_map"), "0 100000 1000");
            Files.writeString(Path.of("/proc/" + process.pid() + "/gid_map"), "0 200000 1000");
        }

        IdMap map() {
            return IdMap.of(
                    Path.of("/proc/" + process.pid() + "/ns/user"),
                    new IdMap.Range(100_000, 1000),
                    new IdMap.Range(200_000, 1000));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static String owner(Path path) throws IOException {
        var attributes = Files.readAttributes(path, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
        return attributes.get("uid") + ":" + attributes.get("gid");
    }

    @Test
    void ownersAreThoseOfTheUserNamespaceAndLayersStayAsTheyAre() throws IOException {
        var lower = base().owner(0, 0)
                .file("a", "1")
                .owner(5, 6)
                .file("b", "2")
                .owner(1000, 1000)
                .file("c", "3")
                .end();
        // The directory d is only implied by the upper layer, whose attributes a layer of corrections gives it.
        var upper = new TarBytes().owner(7, 8).mode(0755).directory("d/").end();
        var implied = new TarBytes().owner(0, 0).file("d/e", "4").end();
        try (var holder = new Holder()) {
            var root = rootFilesystems
                    .mount(layers(lower, upper, implied), container, holder.map())
                    .root();

            assertThat(owner(root)).isEqualTo("100000:200000");
            assertThat(owner(root.resolve("a"))).isEqualTo("100000:200000");
            assertThat(owner(root.resolve("b"))).isEqualTo("100005:200006");
            assertThat(owner(root.resolve("c"))).as("beyond the mapping").isEqualTo("65534:65534");
            assertThat(owner(root.resolve("d"))).isEqualTo("100007:200008");
            assertThat(owner(root.resolve("d/e"))).isEqualTo("100000:200000");
            Files.writeString(root.resolve("a"), "changed");
            assertThat(owner(container.resolve("upper/a"))).isEqualTo("100000:200000");
            assertThat(container.resolve("mapped")).doesNotExist();
            assertThat(Mounts.mountInfo())
                    .filteredOn(mount -> mount.mountPoint().startsWith(container))
                    .as("the root file system, and the corrections")
                    .hasSizeLessThanOrEqualTo(2);
        }
        rootFilesystems.unmount(container);
        var other = Files.createDirectories(work.resolve("containers/two"));
        var plain = rootFilesystems.mount(layers(lower), other, IdMap.IDENTITY).root();
        assertThat(owner(plain.resolve("b"))).isEqualTo("5:6");
    }

    @Test
    void whatTheImageLacksIsMadeForTheContainersRoot() throws IOException {
        try (var holder = new Holder()) {
            var root = rootFilesystems
                    .mount(layers(new TarBytes().file("f", "1").end()), container, holder.map())
                    .root();

            assertThat(owner(root.resolve("dev"))).isEqualTo("100000:200000");
        }
    }

    @Test
    void leavesNothingMountedWhenIdsCannotBeMapped() throws IOException {
        var layers = layers(base().end());
        var ofTheHost = IdMap.of(Path.of("/proc/self/ns/user"), new IdMap.Range(0, 1), new IdMap.Range(0, 1));

        assertThatThrownBy(() -> rootFilesystems.mount(layers, container, ofTheHost))
                .isInstanceOf(Failure.class);

        assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(container));
        assertThat(container.resolve("mapped")).doesNotExist();
    }

    /** A daemon that was killed between two lines. */
    @Test
    @Tag("D4")
    void whatAnEarlierAttemptLeftIsUnmounted() throws IOException {
        try (var holder = new Holder()) {
            var layers = layers(base().end());
            var left = Files.createDirectories(container.resolve("mapped/0"));
            Mounts.bind(work.resolve("store"), left);

            rootFilesystems.mount(layers, container, holder.map());
            Files.createDirectories(left);
            Mounts.bind(work.resolve("store"), left);
            rootFilesystems.unmount(container);

            assertThat(Mounts.mountInfo()).noneMatch(mount -> mount.mountPoint().startsWith(container));
            assertThat(container.resolve("mapped")).doesNotExist();
        }
    }

    @Test
    @Tag("T19")
    void opensNoDeviceOfALayer() {
        mount(base().device(1, 3)
                .entry('3', TarBytes.bytes("null"), new byte[0], new byte[0])
                .end());
        var layer = shell("ls -d \"$1\"/mounts/*", work).strip();
        assertThat(shell("cat \"$1/null\" 2>&1 || true", layer)).contains("Permission denied");
    }
}
