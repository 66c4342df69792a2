package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Mounts;
import io.keelson.host.linux.NativeMemory;
import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.compression.CompressedInput;
import io.keelson.image.compression.Compression;
import io.keelson.image.compression.JdkGzip;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.TarBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The mounted image of a layer equals what GNU tar unpacks from the same archive: names as bytes, types, modes, owners, times,
 * extended attributes, link counts and contents. Needs root, a kernel with EROFS, and erofs-utils.
 */
@Tag("trap-14")
class LayerComparisonIT {
    /** Everything about a tree, one line a name, so that two trees can be compared; times of directories too. */
    private static final String LISTING = """
            import os, sys, stat, hashlib
            root = os.fsencode(sys.argv[1])
            groups = {}
            def show(path):
                s = os.lstat(path)
                name = path[len(root):] or b'/'
                what = [name.hex(), '%o' % s.st_mode, s.st_uid, s.st_gid, s.st_mtime_ns, s.st_nlink]
                if not stat.S_ISDIR(s.st_mode): what.append(s.st_size)
                if stat.S_ISREG(s.st_mode):
                    what.append(hashlib.sha256(open(path, 'rb').read()).hexdigest())
                    what.append(groups.setdefault(s.st_ino, name.hex()))
                if stat.S_ISLNK(s.st_mode): what.append(os.readlink(path).hex())
                if stat.S_ISCHR(s.st_mode) or stat.S_ISBLK(s.st_mode): what.append(s.st_rdev)
                for x in sorted(os.listxattr(path, follow_symlinks=False)):
                    what.append(x + '=' + os.getxattr(path, x, follow_symlinks=False).hex())
                print(*what)
                if stat.S_ISDIR(s.st_mode):
                    for child in sorted(os.listdir(path)): show(path + b'/' + child)
            show(root)
            """;

    @TempDir
    Path directory;

    private final SpawnedProcesses processes = new SpawnedProcesses();
    private Path mountPoint;
    private LayerStore store;

    @BeforeEach
    void prepare() throws IOException {
        mountPoint = Files.createDirectory(directory.resolve("mounted"));
        store = LayerStore.open(directory.resolve("layers"));
    }

    @AfterEach
    void unmount() {
        Mounts.unmountAll(mountPoint);
    }

    @Test
    void everyKindOfMemberIsAsGnuTarUnpacksIt() throws IOException {
        var longName = "long/" + "n".repeat(200) + "/" + "m".repeat(254);
        var archive = new TarBuilder()
                .directory(".", 0755)
                .directory("bin", 0755)
                .file("bin/empty", "")
                .file("bin/small", "small\n")
                .file("bin/block", new byte[4096])
                .file("bin/odd", random(4097, 1))
                .file("bin/tail-too-large", random(4095, 2))
                .file("bin/large", random(3_000_000, 3))
                .member("bin/setuid", '0', "", 04755, 1000, 2000, new byte[] {1, 2, 3})
                .hardLink("bin/second-name", "bin/large")
                .hardLink("bin/third-name", "./bin/large")
                .symbolicLink("bin/link", "large")
                .symbolicLink("bin/long-link", "t".repeat(3000))
                .hardLink("bin/link-to-link", "bin/link")
                .device("null", '3', 1, 3)
                .device("disk", '4', 259, 70000)
                .device("fifo", '6', 0, 0)
                .directory("long", 0700)
                .directory("long/" + "n".repeat(200), 01777)
                .file(longName, "deep")
                .pax("mtime", "1234567890.123456789")
                .file("times", "x")
                .pax("mtime", "-12.5")
                .file("before-1970", "x")
                .pax("uid", "4294967294")
                .pax("gid", "3000000000")
                .file("owner", "x")
                .pax("SCHILY.xattr.user.note", new byte[] {0, (byte) 0x80, (byte) 0xff})
                .pax(
                        "SCHILY.xattr.security.capability",
                        new byte[] {1, 0, 0, 2, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                .file("attributes", "x")
                .pax("SCHILY.xattr.user.big", random(3900, 5))
                .file("big-attribute", random(5000, 6))
                .pax("SCHILY.xattr.trusted.dir", "yes")
                .directory("attributed", 0750)
                .member(new byte[] {(byte) 0xff, 'x'}, '0', new byte[0], 0644, 0, 0, 0, 0, new byte[] {1})
                .member(new byte[] {(byte) 0xfe, 'x'}, '0', new byte[0], 0644, 0, 0, 0, 0, new byte[] {2})
                .member(new byte[] {'a', '\n', 'b'}, '2', new byte[] {(byte) 0x80}, 0777, 0, 0, 0, 0, new byte[0])
                .directory("late", 0711)
                .build();

        assertSameTree(archive, archive);
    }

    @Test
    void directoriesOfManyNamesSpanBlocks() throws IOException {
        var archive = new TarBuilder().directory(".", 0755).directory("many", 0755);
        for (var i = 0; i < 5000; i++) {
            archive.file("many/file-" + i, "content " + i);
        }
        for (var i = 0; i < 300; i++) {
            archive.directory("many/directory-" + i, 0755);
        }
        var bytes = archive.build();

        assertSameTree(bytes, bytes);
    }

    @Test
    void filesOfZerosReadAsZeros() throws IOException {
        var mixed = new byte[1_000_000];
        System.arraycopy(random(1000, 7), 0, mixed, 300_000, 1000);
        System.arraycopy(random(1000, 8), 0, mixed, 999_000, 1000);
        var archive = new TarBuilder()
                .directory(".", 0755)
                .file("zeros", new byte[20_000_000])
                .file("mixed", mixed)
                .pax("SCHILY.xattr.user.note", "kept")
                .file("attributed", new byte[200_000])
                .file("whole chunks", new byte[2 << 16])
                .file("ends within a block", ending(new byte[(3 << 16) + 100]))
                .file("ends behind a hole", ending(new byte[(2 << 16) + 1]))
                .file("ends within a chunk", ending(new byte[(3 << 16) + 3 * 4096 + 5]))
                .file("zeros end within a chunk", beginning(new byte[(3 << 16) + 3 * 4096 + 5]))
                .file("zeros end with a block", beginning(new byte[(3 << 16) + 4096]))
                .file("short of a chunk", new byte[(1 << 16) - 1])
                .file("no whole chunk", beginning(ending(new byte[2 << 16])))
                .build();

        assertSameTree(archive, archive);
    }

    private static byte[] beginning(byte[] file) {
        file[0] = 1;
        return file;
    }

    private static byte[] ending(byte[] file) {
        file[file.length - 1] = 1;
        return file;
    }

    @Test
    void aSparseFileOfGnuTarIsUnpackedWithItsHoles() throws IOException {
        for (var format : new String[] {"--format=gnu", "--format=posix"}) {
            var tree = Files.createDirectory(directory.resolve("sparse" + format));
            run(
                    "/bin/sh",
                    "-c",
                    "cd " + tree
                            + " && truncate -s 3000000 holes && printf begin | dd of=holes conv=notrunc 2>/dev/null"
                            + " && printf end | dd of=holes bs=1 seek=2500000 conv=notrunc 2>/dev/null"
                            + " && tar -c -S " + format + " -f ../sparse.tar . && rm -rf " + tree);
            var archive = Files.readAllBytes(directory.resolve("sparse.tar"));

            assertSameTree(archive, archive);
        }
    }

    @Test
    void gzipOfSeveralMembersZstdAndPlainGiveTheSameFile() throws IOException {
        var archive = new TarBuilder()
                .directory(".", 0755)
                .file("data", random(2_000_000, 9))
                .build();
        var half = archive.length / 2;
        var twoMembers = new ByteArrayOutputStream();
        twoMembers.writeBytes(gzip(archive, 0, half));
        twoMembers.writeBytes(gzip(archive, half, archive.length - half));
        var skippable = new byte[] {0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
        var twoFrames = new ByteArrayOutputStream();
        twoFrames.writeBytes(Zstd.compress(Arrays.copyOfRange(archive, 0, half)));
        twoFrames.writeBytes(skippable);
        twoFrames.writeBytes(Zstd.compress(Arrays.copyOfRange(archive, half, archive.length)));

        var files = new HashMap<String, byte[]>();
        for (var form : Map.of("plain", archive, "gzip", twoMembers.toByteArray(), "zstd", twoFrames.toByteArray())
                .entrySet()) {
            var layer = convert(form.getValue(), archive);
            files.put(form.getKey(), Files.readAllBytes(layer.file()));
            store.remove(layer.diffId());
        }

        assertThat(files.get("gzip")).isEqualTo(files.get("plain"));
        assertThat(files.get("zstd")).isEqualTo(files.get("plain"));
    }

    @Test
    void theJdkInflatesToTheSameBytesAsTheLibrary() throws IOException {
        var archive = random(700_000, 10);
        var compressed = new ByteArrayOutputStream();
        compressed.writeBytes(gzip(archive, 0, 300_000));
        compressed.writeBytes(gzip(archive, 300_000, 400_000));

        var out = ByteBuffer.allocateDirect(archive.length + 100);
        var stream = new ByteArrayInputStream(compressed.toByteArray());
        try (var memory = new NativeMemory();
                var decompressor = new JdkGzip(new CompressedInput(stream, memory))) {
            while (decompressor.fill(out)) {}
        }

        var bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        assertThat(bytes).isEqualTo(archive);
    }

    @Test
    void whiteoutsHideWhatIsBelowAndNeverWhatTheLayerBrings() throws IOException {
        var archive = new TarBuilder()
                .directory(".", 0755)
                .file("gone/.wh.file", "")
                .file(".wh.before", "")
                .file("before", "kept")
                .directory("after", 0755)
                .file("after/child", "kept")
                .file(".wh.after", "")
                .file("opaque/.wh..wh..opq", "")
                .file("opaque/child", "kept")
                .build();

        convertAndMount(archive);

        assertThat(listing(mountPoint))
                .contains(hex("/gone/file") + " 20000 0 0 0 1 0 0")
                .contains(hex("/before") + " 100644")
                .contains(hex("/after/child") + " 100644")
                .doesNotContain(hex("/.wh."));
        assertThat(line(mountPoint, "/after")).endsWith("trusted.overlay.opaque=79");
        assertThat(line(mountPoint, "/opaque")).endsWith("trusted.overlay.opaque=79");
    }

    @Test
    void aLaterMemberReplacesAnEarlierOne() throws IOException {
        var archive = new TarBuilder()
                .directory(".", 0755)
                .file("file", "old")
                .hardLink("link", "file")
                .file("file", "new")
                .directory("directory", 0755)
                .file("directory/child", "gone")
                .file("directory", "a file now")
                .build();

        convertAndMount(archive);

        assertThat(Files.readString(mountPoint.resolve("file"))).isEqualTo("new");
        assertThat(Files.readString(mountPoint.resolve("link"))).isEqualTo("old");
        assertThat(line(mountPoint, "/link")).containsPattern("^\\w+ 100644 0 0 \\d+ 1 ");
        assertThat(Files.readString(mountPoint.resolve("directory"))).isEqualTo("a file now");
    }

    @Test
    void impliedDirectoriesAreMadeAndRecorded() throws IOException {
        var implied = convertAndMount(
                new TarBuilder().directory(".", 0755).file("a/b/c", "x").build());

        assertThat(implied.hasImpliedDirectories()).isTrue();
        assertThat(Files.readString(mountPoint.resolve("a/b/c"))).isEqualTo("x");
    }

    @Test
    void namesThatLeadOutsideAreRefusedOrStayInside() throws IOException {
        for (var name : new String[] {"../x", "a/../../x", "/x", "b/../x"}) {
            var archive = new TarBuilder().directory(".", 0755).file(name, name).build();
            try {
                convertAndMount(archive);
            } catch (Failure e) {
                assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID);
                assertThat(e).hasMessageContaining(name);
                continue;
            }
            assertThat(Files.readString(mountPoint.resolve("x"))).isEqualTo(name);
            Mounts.unmountAll(mountPoint);
        }
    }

    @Test
    void aSymbolicLinkOnTheWayLeadsNowhereButIntoTheLayer() throws IOException {
        convertAndMount(new TarBuilder()
                .directory(".", 0755)
                .symbolicLink("a", "/etc")
                .file("a/passwd", "inert")
                .symbolicLink("up", "../../..")
                .file("up/top", "inert")
                .build());

        assertThat(Files.readString(mountPoint.resolve("etc/passwd"))).isEqualTo("inert");
        assertThat(Files.readString(mountPoint.resolve("top"))).isEqualTo("inert");
    }

    @Test
    void aDigestThatLiesIsRefusedAndNothingIsLeft() {
        var archive = new TarBuilder().file("x", "x").build();
        var other = sha256(new byte[] {1});

        assertThatThrownBy(() -> convert(archive, other))
                .hasMessageContaining(other.toString())
                .hasMessageContaining("its contents have the digest " + sha256(archive));
        assertThat(directory.resolve("layers")).isEmptyDirectory();
    }

    private Layer assertSameTree(byte[] stream, byte[] archive) throws IOException {
        var layer = convertAndMount(stream);
        assertThat(layer.diffId()).isEqualTo(sha256(archive));
        var expected = Files.createDirectory(directory.resolve("expected-" + System.nanoTime()));
        var tar = Files.write(directory.resolve("archive.tar"), archive);
        run(
                "/bin/tar",
                "-x",
                "-p",
                "--numeric-owner",
                "--xattrs",
                "--xattrs-include=*",
                "-C",
                expected.toString(),
                "-f",
                tar.toString());
        assertThat(listing(mountPoint)).isEqualTo(listing(expected));
        Mounts.unmountAll(mountPoint);
        return layer;
    }

    private Layer convertAndMount(byte[] stream) {
        var layer = convert(stream, stream);
        var fsck = processes.run(Command.of("/usr/bin/fsck.erofs", layer.file().toString()));
        assertThat(fsck.exitCode()).as(fsck.complaint()).isZero();
        try (Fd context = Mounts.fsopen("erofs")) {
            Mounts.fsconfigString(context, "source", layer.file().toString());
            Mounts.fsconfigFlag(context, "ro");
            Mounts.fsconfigCreate(context);
            try (var mount = Mounts.fsmount(context, Mounts.MOUNT_ATTR_RDONLY)) {
                Mounts.moveMount(mount, mountPoint);
            }
        }
        return layer;
    }

    private Layer convert(byte[] stream, byte[] archive) {
        return convert(stream, sha256(archive));
    }

    private Layer convert(byte[] stream, Digest diffId) {
        return new LayerConverter(store, LayerLimits.DEFAULT)
                .convert(new ByteArrayInputStream(stream), Compression.NONE, diffId, new StageTimes());
    }

    private String line(Path tree, String name) {
        return listing(tree)
                .lines()
                .filter(line -> line.startsWith(hex(name) + " "))
                .findFirst()
                .orElseThrow();
    }

    private String listing(Path tree) {
        var listed = processes.run(Command.of("/usr/bin/python3", "-c", LISTING, tree.toString())
                .limitedTo(64 * 1024 * 1024, 1024 * 1024)
                .within(Duration.ofSeconds(60)));
        assertThat(listed.exitCode()).as(listed.complaint()).isZero();
        return new String(listed.stdout(), StandardCharsets.UTF_8);
    }

    private void run(String... arguments) {
        var finished = processes.run(Command.of(arguments));
        assertThat(finished.exitCode()).as(finished.complaint()).isZero();
    }

    private static Digest sha256(byte[] bytes) {
        try {
            return new Digest(
                    "sha256",
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(String name) {
        return HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(byte[] bytes, int offset, int length) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes, offset, length);
        }
        return out.toByteArray();
    }

    private static byte[] random(int length, long seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
