package io.keelson.image.layer;

import static io.keelson.image.layer.LayerFixture.assertSame;
import static io.keelson.image.layer.LayerFixture.describe;
import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.image.tar.RandomTar;
import io.keelson.image.tar.TarBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a layer is, as whatever it is stored; with {@code RootFilesystemsContract} and {@code ImageKindsIT} the contract of all kinds. */
class LayerKindsIT {
    private Path work;
    private LayerStore store;

    @BeforeEach
    void prepare() throws IOException {
        work = LayerFixture.temporary();
        store = LayerStore.open(work.resolve("layers"));
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

    private RootFilesystems filesystems(LayerKind kind) {
        return new RootFilesystems(work.resolve("mounts"), kind);
    }

    private Path container(String name) throws IOException {
        return Files.createDirectories(work.resolve("containers").resolve(name));
    }

    private Path unpacked(byte[] tar) throws IOException {
        var file = work.resolve("layer.tar");
        Files.write(file, tar);
        var unpacked = Files.createDirectory(work.resolve("unpacked"));
        shell(
                "tar --xattrs '--xattrs-include=*' --numeric-owner --same-owner --delay-directory-restore -xpf \"$1\" -C \"$2\"",
                file,
                unpacked);
        return unpacked;
    }

    /** Names of any bytes, hard links, attributes, devices, bits for other users' rights, times to the nanosecond. */
    private void assertMountedEqualsUnpacked(LayerKind kind, byte[] tar) throws IOException {
        var layer = LayerFixture.convert(store, tar, kind);
        filesystems(kind).mount(List.of(layer), container("one"), IdMap.IDENTITY);
        assertSame(describe(work.resolve("mounts").resolve(layer.diffId().hex())), describe(unpacked(tar)));
        assertThat(store.trouble(layer, IoBudget.UNLIMITED)).isEmpty();
    }

    @Tag("T74")
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void isWhatGnuTarUnpacks(LayerKind kind) throws IOException {
        assertMountedEqualsUnpacked(kind, new RandomTar(1).make(400));
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 5, 6, 7, 8})
    void isAsATreeWhatGnuTarUnpacks(long seed) throws IOException {
        assertMountedEqualsUnpacked(LayerKind.DIRECTORY, new RandomTar(seed).make(400));
    }

    private static byte[] replacing() {
        var large = new byte[300_000];
        new Random(7).nextBytes(large);
        return new TarBytes()
                .mode(0755)
                .directory("d/")
                .file(TarBytes.bytes("d/a"), large)
                .file("d/b", "first")
                .hardLink("d/c", "d/b")
                .file("d/b", "second")
                .file(TarBytes.bytes("zeros"), new byte[200_000])
                .file("d", "the directory is gone")
                .file(".wh.e", "")
                .end();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void theTarIsMadeAgainWithWhatLaterEntriesReplaced(LayerKind kind) {
        for (var tar : List.of(replacing(), new RandomTar(9).make(200))) {
            var layer = LayerFixture.convert(store, tar, kind);
            var out = new ByteArrayOutputStream();
            LayerTar.write(
                    LayerStore.open(work.resolve("layers")).find(layer.diffId()).orElseThrow(), out);
            assertThat(out.toByteArray()).isEqualTo(tar);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void nothingIsLeftOfALayerThatIsRefused(LayerKind kind) {
        var tar = new TarBytes().file("a", "1").hardLink("b", "nothing").end();
        assertThatThrownBy(() -> LayerFixture.convert(store, tar, kind)).isInstanceOf(Failure.class);
        assertThat(work.resolve("layers")).isEmptyDirectory();
        assertThat(store.usedBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void nothingIsLeftOfALayerThatFillsTheDisk(LayerKind kind) throws IOException {
        var disk = Files.createDirectory(work.resolve("disk"));
        shell("mount -t tmpfs -o size=4m tmpfs \"$1\"", disk);
        var full = LayerStore.open(disk.resolve("layers"));
        var noise = new byte[8 << 20];
        new Random(1).nextBytes(noise);
        var tar = new TarBytes().file("f", "x").file(TarBytes.bytes("g"), noise).end();
        assertThatThrownBy(() -> LayerFixture.convert(full, tar, kind))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
        assertThat(disk.resolve("layers")).isEmptyDirectory();
    }

    private static byte[] ordinary() {
        return new TarBytes()
                .mode(0755)
                .directory("./")
                .directory("d/")
                .file("d/f", "contents")
                .hardLink("d/g", "d/f")
                .symbolicLink("l", "d/f")
                .end();
    }

    /** Each of them alone: a tree has many places in which a disk can change something. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "printf X | dd of=d/f conv=notrunc status=none; touch -d @0 d/f",
                "chmod 700 d/f",
                "chown 1 d",
                "touch -d @1 d",
                "rm d/f; touch -d @0 d",
                "touch -d @0 more; touch -d @0 .",
                "ln -sf d/g l; touch -h -d @0 l .",
                "python3 -c 'import os; os.setxattr(\"d/f\", \"user.a\", b\"b\")'",
                "cp -p d/f d/h; mv d/h d/g; touch -d @0 d"
            })
    void whatChangesInATreeIsFound(String change) {
        var layer = LayerFixture.convert(store, ordinary(), LayerKind.DIRECTORY);
        assertThat(store.trouble(layer, IoBudget.UNLIMITED)).isEmpty();
        shell("cd \"$1\"; " + change, layer.file());
        assertThat(store.trouble(layer, IoBudget.UNLIMITED)).isPresent();
        assertThat(store.findSound(layer.diffId())).isEmpty();
    }

    /** Read as zeros, it would take longer than anybody waits. */
    @Test
    @Timeout(60)
    void aHoleOfATebibyteIsNotRead() {
        var layer = LayerFixture.convert(store, ordinary(), LayerKind.DIRECTORY);
        var digest = TreeChecksum.of(layer.file(), IoBudget.UNLIMITED).digest();
        shell(
                "cd \"$1\"; truncate -s 1T huge; printf x | dd of=huge bs=1 seek=500G conv=notrunc status=none",
                layer.file());
        var changed = TreeChecksum.of(layer.file(), IoBudget.UNLIMITED).digest();
        assertThat(changed).isNotEqualTo(digest);
        shell("cd \"$1\"; touch -d @0 huge; sync huge", layer.file());
        var before = TreeChecksum.of(layer.file(), IoBudget.UNLIMITED).digest();
        shell(
                "cd \"$1\"; dd if=/dev/zero of=huge bs=4k count=3 seek=9 conv=notrunc status=none; touch -d @0 huge",
                layer.file());
        assertThat(TreeChecksum.of(layer.file(), IoBudget.UNLIMITED).digest())
                .as("zeros that are stored")
                .isEqualTo(before);
        shell(
                "cd \"$1\"; printf y | dd of=huge bs=1 seek=900G conv=notrunc status=none; touch -d @0 huge",
                layer.file());
        assertThat(TreeChecksum.of(layer.file(), IoBudget.UNLIMITED).digest()).isNotEqualTo(before);
    }

    private static void damage(Layer layer) {
        shell("cd \"$1\"; printf 'damaged!' > d/f", layer.file());
    }

    /** A file that is open stays; a tree has to be kept. */
    @Test
    void aTreeThatWasReplacedStaysAsLongAsSomebodyStandsOnIt() throws IOException {
        var kind = LayerKind.DIRECTORY;
        var filesystems = filesystems(kind);
        store.tellReplaced(filesystems::mountAnew);
        var layer = LayerFixture.convert(store, ordinary(), kind);
        var bytes = store.usedBytes();
        var before = filesystems
                .mount(List.of(layer), container("before"), IdMap.IDENTITY)
                .root();
        damage(layer);
        assertThat(store.trouble(layer, IoBudget.UNLIMITED)).isPresent();

        var again = LayerFixture.convert(store, ordinary(), kind);
        var after = filesystems
                .mount(List.of(again), container("after"), IdMap.IDENTITY)
                .root();

        assertThat(before.resolve("d/f")).hasContent("damaged!");
        assertThat(after.resolve("d/f")).hasContent("contents");
        store.removeReplaced(Set.of(layer.diffId()));
        assertThat(before.resolve("d/f")).hasContent("damaged!");
        assertThat(store.usedBytes()).isGreaterThan(bytes);

        // A daemon that starts anew does not know who uses it either.
        var reopened = LayerStore.open(work.resolve("layers"));
        assertThat(before.resolve("d/g")).hasContent("damaged!");
        assertThat(reopened.usedBytes()).isEqualTo(store.usedBytes());
        reopened.removeReplaced(Set.of());
        assertThat(work.resolve("layers").toFile().list())
                .containsExactly(layer.diffId().hex());
        assertThat(reopened.usedBytes()).isEqualTo(bytes);
        assertThat(reopened.trouble(again, IoBudget.UNLIMITED)).isEmpty();
    }

    /** Killed before the two directories changed names: the new one has the name of what was replaced. */
    @Test
    void aKillBeforeTheExchangeLeavesTheLayerThatWasThere() throws IOException {
        var layer = LayerFixture.convert(store, ordinary(), LayerKind.DIRECTORY);
        var hex = layer.diffId().hex();
        shell("cp -a \"$1/$2\" \"$1/$2.1.old\"; cp -a \"$1/$2\" \"$1/$2.1.tmp\"", work.resolve("layers"), hex);

        var reopened = LayerStore.open(work.resolve("layers"));
        assertThat(reopened.find(layer.diffId())).contains(layer);
        reopened.removeReplaced(Set.of());
        reopened.awaitRemovals();

        assertThat(work.resolve("layers").toFile().list()).containsExactly(hex);
        assertThat(reopened.usedBytes()).isEqualTo(store.usedBytes());
        assertThat(reopened.trouble(layer, IoBudget.UNLIMITED)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void nothingIsLeftOfAConversionOrARemovalThatWasKilled(LayerKind kind) {
        var layer = LayerFixture.convert(store, ordinary(), kind);
        var hex = layer.diffId().hex();
        shell(
                "cd \"$1\"; cp -a $2 $2.1.tmp; rm $2.1.tmp/layer.json; mkdir -p $2.1.tmp/entries; ln -s / $2.1.tmp/entries/0; mv $2 $2.2.removed.tmp",
                work.resolve("layers"),
                hex);
        var reopened = LayerStore.open(work.resolve("layers"));
        reopened.awaitRemovals();
        assertThat(work.resolve("layers")).isEmptyDirectory();
        assertThat(reopened.usedBytes()).isZero();
        assertThat(LayerFixture.convert(reopened, ordinary(), kind)).isEqualTo(layer);
    }

    /** A record that a power failure emptied; somebody may still stand on the tree. */
    @Test
    void aTreeWithoutARecordIsSetAsideForItsUsers() throws IOException {
        var layer = LayerFixture.convert(store, ordinary(), LayerKind.DIRECTORY);
        var root = filesystems(LayerKind.DIRECTORY)
                .mount(List.of(layer), container("one"), IdMap.IDENTITY)
                .root();
        Files.write(layer.file().resolveSibling("layer.json"), new byte[0]);

        var reopened = LayerStore.open(work.resolve("layers"));
        assertThat(reopened.find(layer.diffId())).isEmpty();
        assertThat(LayerFixture.convert(reopened, ordinary(), LayerKind.DIRECTORY))
                .isEqualTo(layer);
        reopened.removeReplaced(Set.of(layer.diffId()));
        assertThat(root.resolve("d/f")).hasContent("contents");
    }

    /** A disk that came from another node. */
    @Test
    void layersThatTheKernelCannotMountAreSetAsideAndBroughtAgainAsTrees() {
        var file = LayerFixture.convert(store, ordinary(), LayerKind.EROFS);
        var reopened = LayerStore.open(work.resolve("layers"), false);
        assertThat(reopened.find(file.diffId())).isEmpty();
        assertThat(LayerFixture.convert(reopened, ordinary(), LayerKind.DIRECTORY)
                        .isTree())
                .isTrue();
    }

    /** What has led unpackers out of their directory; here every name is one in a directory of ours. */
    @Tag("T42")
    @Tag("T43")
    @Tag("T44")
    @Tag("T45")
    @Test
    void nothingOfATreeReachesOutOfIt() throws IOException {
        var victim = Files.createDirectory(work.resolve("victim"));
        Files.writeString(victim.resolve("file"), "as it was");
        var before = describe(victim);
        var up = "../".repeat(20);
        for (var tar : List.of(
                new TarBytes().symbolicLink("a", victim.toString()).mode(04777).file("a/file", "x"),
                new TarBytes()
                        .symbolicLink("a", victim + "/file")
                        .mode(04777)
                        .hardLink("b", "a")
                        .owner(7, 7)
                        .pax("SCHILY.xattr.user.x", "y")
                        .file("b", "x"),
                new TarBytes()
                        .mode(0755)
                        .directory("a/")
                        .file("a/x", "1")
                        .symbolicLink("a", victim.toString())
                        .mode(04777)
                        .file("a/file", "2"),
                new TarBytes().file(up + victim + "/file", "x").mode(04777).directory(up + victim + "/"),
                new TarBytes().symbolicLink("a", up + victim).directory("a/").file("a/new", "x"),
                new TarBytes()
                        .symbolicLink("a", ".")
                        .symbolicLink("a/b", victim.toString())
                        .file("b/file", "x"),
                new TarBytes().file("a/.wh.file", "").symbolicLink("a", victim.toString()))) {
            var layer = LayerFixture.convert(store, tar.end(), LayerKind.DIRECTORY);
            assertThat(store.trouble(layer, IoBudget.UNLIMITED)).isEmpty();
        }
        assertThat(describe(victim)).isEqualTo(before);
        assertThat(work.toFile().list()).containsExactlyInAnyOrder("layers", "victim");
    }

    @Test
    void anAttributeThatTheKernelDoesNotTakeIsNamed() {
        var tar = new TarBytes()
                .pax("SCHILY.xattr.security.capability", "nonsense")
                .file("f", "x");
        assertThatThrownBy(() -> LayerFixture.convert(store, tar.end(), LayerKind.DIRECTORY))
                .isInstanceOfSatisfying(Failure.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
                    assertThat(failure)
                            .hasMessageContaining("security.capability")
                            .hasMessageContaining("\"f\"");
                });
        assertThat(work.resolve("layers")).isEmptyDirectory();
    }
}
