package io.keelson.image.layer;

import static io.keelson.image.layer.LayerFixture.assertSame;
import static io.keelson.image.layer.LayerFixture.describe;
import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import io.keelson.image.tar.RandomTar;
import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs root and a kernel that mounts EROFS from files (6.12). The kernel and GNU tar say whether a layer is right. */
class LayerMountIT {
    private Path work;
    private Path mounted;
    private LayerStore store;

    @BeforeEach
    void prepare() throws IOException {
        work = LayerFixture.temporary();
        mounted = Files.createDirectory(work.resolve("mounted"));
        store = LayerStore.open(work.resolve("layers"));
    }

    @AfterEach
    void cleanUp() {
        Mounts.unmountAll(mounted);
        LayerFixture.delete(work);
    }

    private void assertMountedEqualsUnpacked(byte[] tar) throws IOException {
        var file = work.resolve("layer.tar");
        Files.write(file, tar);
        var unpacked = work.resolve("unpacked");
        LayerFixture.delete(unpacked);
        Files.createDirectory(unpacked);
        shell(
                "tar --xattrs '--xattrs-include=*' --numeric-owner --same-owner --delay-directory-restore -xpf \"$1\" -C \"$2\"",
                file,
                unpacked);
        assertMountedEquals(tar, unpacked);
    }

    private void assertMountedEquals(byte[] tar, Path unpacked) {
        var layer = LayerFixture.convert(store, tar);
        shell("fsck.erofs \"$1\"", layer.file());
        shell("mount -t erofs \"$1\" \"$2\"", layer.file(), mounted);
        try {
            assertSame(describe(mounted), describe(unpacked));
        } finally {
            Mounts.unmountAll(mounted);
        }
        assertThat(LayerChecksum.of(layer.file())).isEqualTo(layer.fileDigest());
    }

    @Tag("T74")
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void mountsWhatGnuTarUnpacks(long seed) throws IOException {
        assertMountedEqualsUnpacked(new RandomTar(seed).make(400));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=pax",
                "--format=gnu --sparse",
                "--format=pax --sparse --sparse-version=0.0",
                "--format=pax --sparse --sparse-version=0.1",
                "--format=pax --sparse --sparse-version=1.0"
            })
    void readsWhatGnuTarPacks(String options) throws IOException {
        var tree = Files.createDirectory(work.resolve("tree"));
        shell("""
                cd "$1"
                mkdir -p deep/$(printf 'd%.0s' {1..200})/$(printf 'e%.0s' {1..200}) many
                printf hello > deep/$(printf 'd%.0s' {1..200})/$(printf 'e%.0s' {1..200})/file
                ln -s $(printf 't%.0s' {1..400}) deep/long-link
                ln deep/d*/e*/file hard
                truncate -s 20M holes; printf middle | dd of=holes bs=1 seek=5000001 conv=notrunc status=none
                printf x > data-then-hole; truncate -s 40M data-then-hole
                truncate -s 3M nothing-but-hole
                for i in $(seq 60); do printf "$i" | dd of=fragments bs=1 seek=$((i*70000)) conv=notrunc status=none; done
                for i in $(seq 700); do : > many/a-file-with-a-longer-name-$i; done
                mkfifo pipe; mknod null c 1 3
                printf fish > $'name\\xff\\xfe\\nline'
                python3 -c 'import os; os.setxattr("hard", "security.capability", bytes.fromhex("0100000280000000000000000000000000000000"))'
                python3 -c 'import os; os.setxattr("hard", "user.test", bytes.fromhex("00ff80"))'
                """, tree);
        var tar = work.resolve("packed.tar");
        var xattrs = options.startsWith("--format=pax") ? "--xattrs '--xattrs-include=*' " : "";
        shell("tar --numeric-owner " + xattrs + options + " -cpf \"$1\" -C \"$2\" .", tar, tree);
        assertMountedEqualsUnpacked(Files.readAllBytes(tar));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 314, 315, 316, 5000})
    void listsDirectoriesOfAnySize(int names) throws IOException {
        var tar = new TarBytes().mode(0755).directory("./").directory("d/");
        for (var i = 0; i < names; i++) {
            tar.file("d/" + Integer.toString(i, 36), "");
        }
        assertMountedEqualsUnpacked(tar.end());
    }

    @ParameterizedTest
    @ValueSource(ints = {2800, 2900, 4000, 4090, 60_000})
    void keepsExtendedAttributesOfAnySize(int length) throws IOException {
        var value = "v".repeat(length);
        var tar = new TarBytes().mode(0755).directory("./");
        // What ext4 has no room for is compared in ErofsWriterTest; user attributes of the root and of files go here.
        tar.pax("SCHILY.xattr.user.a", value.substring(0, Math.min(length, 3000)))
                .directory("d/");
        tar.pax("SCHILY.xattr.user.b", value.substring(0, Math.min(length, 3000)))
                .file("f", "x".repeat(length));
        assertMountedEqualsUnpacked(tar.end());
    }

    @Test
    @Tag("D1")
    void leavesNothingOnAFullDisk() throws IOException {
        shell("mount -t tmpfs -o size=8m tmpfs \"$1\"", mounted);
        var full = LayerStore.open(mounted.resolve("layers"));
        var noise = new byte[16 << 20];
        new Random(1).nextBytes(noise);
        var tar = new TarBytes().file(TarBytes.bytes("f"), noise).end();
        assertThatThrownBy(() -> LayerFixture.convert(full, tar)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED);
            assertThat(failure).hasMessageContaining("disk is full");
        });
        assertThat(mounted.resolve("layers")).isEmptyDirectory();
    }

    @Test
    void keepsAccessControlLists() {
        // Version 2; owner rw, user 1234 r, group r, mask r, others nothing (acl(5), linux/posix_acl_xattr.h).
        var list = HexFormat.of()
                .parseHex("02000000" + "01000600ffffffff" + "02000400d2040000" + "04000400ffffffff" + "10000400ffffffff"
                        + "20000000ffffffff");
        var tar = new TarBytes()
                .mode(0640)
                .pax("SCHILY.xattr.system.posix_acl_access", list)
                .file("f", "x")
                .end();
        shell("mount -t erofs \"$1\" \"$2\"", LayerFixture.convert(store, tar).file(), mounted);
        var seen = shell(
                "python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], \"system.posix_acl_access\").hex())' \"$1/f\"",
                mounted);
        assertThat(seen.strip()).isEqualTo(HexFormat.of().formatHex(list));
    }
}
