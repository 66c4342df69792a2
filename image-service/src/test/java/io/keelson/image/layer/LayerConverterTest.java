package io.keelson.image.layer;

import static io.keelson.image.layer.LayerFixture.convert;
import static io.keelson.image.layer.LayerFixture.digest;
import static io.keelson.image.tar.TarBytes.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.compression.CompressedInput;
import io.keelson.image.compression.Compression;
import io.keelson.image.compression.JdkGzip;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.RandomTar;
import io.keelson.image.tar.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerConverterTest {
    @TempDir
    private Path directory;

    private LayerStore store;

    @BeforeEach
    void open() {
        store = LayerStore.open(directory);
    }

    private Layer convertBlob(byte[] blob, byte[] tar) {
        return new LayerConverter(store, LayerLimits.DEFAULT)
                .convert(new ByteArrayInputStream(blob), Compression.GZIP, digest(tar), new StageTimes());
    }

    private void assertRefused(byte[] tar, Failure.Kind kind, String... words) {
        assertThatThrownBy(() -> convert(store, tar)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
            assertThat(failure).hasMessageContainingAll(words);
        });
        assertThat(directory).isEmptyDirectory();
        assertThat(store.list()).isEmpty();
    }

    private static Optional<ErofsReader.Found> find(ErofsReader reader, String path) {
        var current = Optional.of(reader.root());
        for (var component : ByteNames.components(bytes(path))) {
            current = current.flatMap(found -> found.find(component));
        }
        return current;
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Test
    void keepsTheLayerForLater() {
        var layer =
                convert(store, new TarBytes().directory("./").file("a/b", "x").end());
        assertThat(LayerStore.open(directory).find(layer.diffId())).contains(layer);
        assertThat(layer.impliedDirectories()).containsExactly("a");
        assertThat(layer.describesRoot()).isTrue();
    }

    @Test
    void makesTheSameFileOfTheSameTar() throws IOException {
        var tar = new RandomTar(5).make(300);
        var first = Files.readAllBytes(convert(store, tar).file());
        store.remove(digest(tar));
        store.awaitRemovals();
        assertThat(Files.readAllBytes(convert(store, tar).file())).isEqualTo(first);
    }

    @Test
    void readsGzipOfSeveralMembers() throws IOException {
        var tar = new RandomTar(6).make(200);
        var third = tar.length / 3;
        var blob = concat(
                gzip(Arrays.copyOf(tar, third)), gzip(new byte[0]), gzip(Arrays.copyOfRange(tar, third, tar.length)));
        assertThat(convertBlob(blob, tar).unpackedBytes()).isEqualTo(tar.length);
    }

    @Test
    void readsGzipWhateverPiecesTheNetworkBrings() throws IOException {
        var tar = new RandomTar(7).make(60);
        var members = new ByteArrayOutputStream();
        for (var at = 0; at < tar.length; at += 1111) {
            members.writeBytes(gzip(Arrays.copyOfRange(tar, at, Math.min(tar.length, at + 1111))));
        }
        var random = new Random(1);
        InputStream dribble = new ByteArrayInputStream(members.toByteArray()) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, 1 + random.nextInt(30)));
            }
        };
        var layer = new LayerConverter(store, LayerLimits.DEFAULT)
                .convert(dribble, Compression.GZIP, digest(tar), new StageTimes());
        assertThat(layer.unpackedBytes()).isEqualTo(tar.length);
    }

    @Test
    void readsZstdOfSeveralFramesAndSkipsWhatIsToBeSkipped() {
        var tar = new RandomTar(8).make(100);
        var half = tar.length / 2;
        var skippable = new byte[] {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3};
        var blob = concat(
                skippable,
                Zstd.compress(Arrays.copyOf(tar, half)),
                skippable,
                Zstd.compress(Arrays.copyOfRange(tar, half, tar.length)));
        assertThat(convertBlob(blob, tar).unpackedBytes()).isEqualTo(tar.length);
    }

    @Test
    void refusesDamagedBlobs() throws IOException {
        var tar = new RandomTar(9).make(50);
        var gzip = gzip(tar);
        var zstd = Zstd.compress(tar);
        var wrongSum = gzip.clone();
        wrongSum[gzip.length - 6] ^= 1;
        for (var blob : new byte[][] {
            Arrays.copyOf(gzip, gzip.length / 2),
            Arrays.copyOf(gzip, gzip.length - 1),
            wrongSum,
            concat(gzip, bytes("garbage")),
            Arrays.copyOf(zstd, zstd.length / 2),
            concat(zstd, bytes("garbage")),
            new byte[0],
            bytes("BZh91AY&SY garbage"),
            concat(new byte[] {(byte) 0xFD}, bytes("7zXZ\0garbage")),
        }) {
            assertThatThrownBy(() -> convertBlob(blob, tar))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void refusesZstdWithAWindowThatIsTooLarge() {
        // Magic, a frame header without content size, and a window of 2^31 (RFC 8878, 3.1.1.1.2).
        var blob = new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, (byte) (21 << 3), 1, 0, 0};
        assertThatThrownBy(() -> convertBlob(blob, new byte[0]))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("zstd");
    }

    @Test
    void refusesContentsOfAnotherDigest() {
        var other = new Digest("sha256", "0".repeat(64));
        var tar = new TarBytes().file("f", "x").end();
        assertThatThrownBy(() -> new LayerConverter(store, LayerLimits.DEFAULT)
                        .convert(new ByteArrayInputStream(tar), Compression.NONE, other, new StageTimes()))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(other.toString())
                .hasMessageContaining(digest(tar).toString());
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void unpacksUpToItsLimits() {
        var tar = new TarBytes().file("a", "x".repeat(5000)).file("b", "").end();
        var limits = new LayerLimits(tar.length, 1 << 20, 2);
        assertThat(convert(store, tar, limits).unpackedBytes()).isEqualTo(tar.length);
        store.remove(digest(tar));
        store.awaitRemovals();
        for (var less : new LayerLimits[] {
            new LayerLimits(tar.length - 1, 1 << 20, 2),
            new LayerLimits(tar.length, 4096, 2),
            new LayerLimits(tar.length, 1 << 20, 1)
        }) {
            assertThatThrownBy(() -> convert(store, tar, less))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void countsNamesThatEntriesImply() {
        var tar = new TarBytes().file("a/b/c", "").end();
        assertThat(convert(store, tar, new LayerLimits(1 << 20, 1 << 20, 3)).impliedDirectories())
                .containsExactly("a", "a/b");
        store.remove(digest(tar));
        store.awaitRemovals();
        assertThatThrownBy(() -> convert(store, tar, new LayerLimits(1 << 20, 1 << 20, 2)))
                .hasMessageContaining("more than 2 names");
    }

    @Test
    void storesAHoleOfATebibyteInNextToNothing() {
        var size = 1L << 40;
        var tar = new TarBytes()
                .pax("GNU.sparse.map", (size - 3) + ",3")
                .pax("GNU.sparse.size", Long.toString(size))
                .file("holes", "end")
                .end();
        assertThat(convert(store, tar).sizeBytes()).isLessThan(20L << 20);
    }

    @Test
    void storesAFileOfZerosInNextToNothingAndOthersAsTheyAre() {
        var zeros = new byte[40 << 20];
        assertThat(convert(store, new TarBytes().file(bytes("zeros"), zeros).end())
                        .sizeBytes())
                .isLessThan(64 << 10);
        for (var at = 0; at < zeros.length; at += 60_000) {
            zeros[at] = 1;
        }
        assertThat(convert(store, new TarBytes().file(bytes("mixed"), zeros).end())
                        .sizeBytes())
                .isBetween(40L << 20, (40L << 20) + (64 << 10));
    }

    @Test
    void leavesNothingWhenTheStreamFails() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThatThrownBy(() -> new LayerConverter(store, LayerLimits.DEFAULT)
                        .convert(broken, Compression.NONE, digest(new byte[0]), new StageTimes()))
                .isInstanceOfSatisfying(Failure.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
                    assertThat(failure).hasMessageContaining("connection reset");
                });
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void endsWhenItsCallerIsInterrupted() throws InterruptedException {
        var reading = new CountDownLatch(1);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                reading.countDown();
                var header = new TarBytes().header('0', bytes("f"), new byte[0], 0);
                System.arraycopy(header, 0, into, offset, Math.min(512, length));
                return 512;
            }
        };
        var failure = new Failure[1];
        var caller = Thread.ofVirtual().start(() -> {
            try {
                new LayerConverter(store, LayerLimits.DEFAULT)
                        .convert(endless, Compression.NONE, digest(new byte[0]), new StageTimes());
            } catch (Failure e) {
                failure[0] = e;
            }
        });
        reading.await();
        caller.interrupt();
        caller.join();
        assertThat(failure[0].kind()).isEqualTo(Failure.Kind.CANCELLED);
        assertThat(directory).isEmptyDirectory();
    }

    // What hostile or careless tars do with names.

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/x", "a/../../x", "a//../x", "./x", "../../../../x"})
    void keepsEveryNameInside(String name) {
        var layer = convert(store, new TarBytes().directory("a").file(name, "").end());
        try (var reader = new ErofsReader(layer.file())) {
            assertThat(find(reader, "x")).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "/", "./", "", "a/.."})
    void refusesARootThatIsNoDirectory(String name) {
        assertRefused(
                new TarBytes().directory("a").symbolicLink(name, "victim").end(), Failure.Kind.INVALID, "tar entry");
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.", ".wh..", ".wh...", ".wh.a/b", "d/.wh."})
    void refusesWhiteoutsOfNoName(String name) {
        assertRefused(new TarBytes().file(name, "").end(), Failure.Kind.INVALID, ".wh.", "whiteout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"later", "../../etc/shadow", "/etc/shadow", "dir", ".wh.f", ""})
    void refusesHardLinksToAnythingButAnEarlierFile(String target) {
        var tar = new TarBytes()
                .directory("dir")
                .file(".wh.f", "")
                .hardLink("link", target)
                .file("later", "");
        assertRefused(tar.end(), Failure.Kind.INVALID, "\"link\"", "hard link");
    }

    @Test
    void refusesAPathThroughAFile() {
        assertRefused(new TarBytes().file("f", "").file("f/x", "").end(), Failure.Kind.INVALID, "\"f/x\"", "directory");
    }

    @Test
    void followsLinksOfTheLayerWithinTheLayer() {
        var layer = convert(
                store,
                new TarBytes()
                        .directory("usr/lib")
                        .symbolicLink("lib", "usr/lib")
                        .symbolicLink("out", "/../../../escape")
                        .file("lib/one", "")
                        .file("out/two", "")
                        .end());
        try (var reader = new ErofsReader(layer.file())) {
            assertThat(find(reader, "usr/lib/one")).isPresent();
            assertThat(find(reader, "escape/two")).isPresent();
        }
    }

    @Test
    void refusesALoopOfLinks() {
        var tar = new TarBytes().symbolicLink("a", "b").symbolicLink("b", "a").file("a/x", "");
        assertRefused(tar.end(), Failure.Kind.INVALID, "too many symbolic links");
    }

    @Test
    void refusesNamesAndPathsThatNoDirectoryCanHold() {
        assertRefused(new TarBytes().file("n".repeat(256), "").end(), Failure.Kind.INVALID, "255");
        var deep = new TarBytes().directory("d");
        for (var i = 0; i < 20; i++) {
            deep.symbolicLink("l" + i, (i == 0 ? "d" : "l" + (i - 1)) + "/" + "x/".repeat(150));
            deep.directory("l" + i + "/y");
        }
        assertRefused(deep.end(), Failure.Kind.INVALID, "longer than");
    }

    @Test
    void letsTheLastEntryOfANameWin() {
        var layer = convert(
                store,
                new TarBytes()
                        .file("a", "1")
                        .directory("a")
                        .file("a/inside", "2")
                        .file("a", "3")
                        .mode(0700)
                        .directory("b")
                        .file("b/kept", "")
                        .mode(0750)
                        .directory("b")
                        .end());
        try (var reader = new ErofsReader(layer.file())) {
            assertThat(find(reader, "a").orElseThrow().isDirectory()).isFalse();
            assertThat(find(reader, "a/inside")).isEmpty();
            assertThat(find(reader, "b/kept")).isPresent();
            assertThat(find(reader, "b").orElseThrow().attributes().permissions())
                    .isEqualTo(0750);
        }
    }

    @Test
    void dropsAttributesThatTheOverlayWouldObey() {
        var tar = new TarBytes();
        for (var name : new String[] {
            "trusted.overlay.opaque", "trusted.overlay.redirect", "user.overlay.metacopy", "system.x", "other"
        }) {
            tar.pax("SCHILY.xattr." + name, "y");
        }
        var layer = convert(
                store, tar.pax("SCHILY.xattr.user.kept", "v").directory("d").end());
        try (var reader = new ErofsReader(layer.file())) {
            var found = find(reader, "d").orElseThrow();
            assertThat(found.isOpaque()).isFalse();
            assertThat(found.attributes().xattrs())
                    .singleElement()
                    .satisfies(xattr -> assertThat(xattr.name()).isEqualTo(bytes("user.kept")));
        }
    }

    @Test
    void passesTheInsideOfAufsOver() {
        var layer = convert(
                store,
                new TarBytes()
                        .directory(".wh..wh.plnk")
                        .file(".wh..wh.plnk/1.2", "x")
                        .file("f", "")
                        .end());
        assertThat(layer.inodes()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void survivesMutations(long seed) {
        var random = new Random(seed);
        var original = new RandomTar(seed).make(60);
        for (var round = 0; round < 150; round++) {
            var tar = original.clone();
            for (var i = 0; i < 5; i++) {
                var block = 512 * random.nextInt(Math.min(tar.length / 512, 100));
                tar[block + random.nextInt(512)] = (byte) random.nextInt();
                System.arraycopy(TarBytes.checksummed(Arrays.copyOfRange(tar, block, block + 512)), 0, tar, block, 512);
            }
            try {
                store.remove(convert(store, tar).diffId());
                store.awaitRemovals();
            } catch (Failure e) {
                assertThat(e.kind())
                        .as("seed %s round %s: %s", seed, round, e.getMessage())
                        .isIn(Failure.Kind.INVALID, Failure.Kind.EXHAUSTED);
            }
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void inflatesWithTheJdkAsWell() throws IOException {
        var tar = new RandomTar(10).make(100);
        var blob = concat(gzip(Arrays.copyOf(tar, 5000)), gzip(Arrays.copyOfRange(tar, 5000, tar.length)));
        var out = ByteBuffer.allocateDirect(tar.length + 1);
        try (var memory = new NativeMemory();
                var gzip = new JdkGzip(new CompressedInput(new ByteArrayInputStream(blob), memory))) {
            assertThat(gzip.fill(out)).isTrue();
        }
        var bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        assertThat(bytes).isEqualTo(tar);
    }
}
