package io.keelson.image.tar;

import static io.keelson.image.tar.TarBytes.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
    /** Hands the bytes out in pieces of this length, to meet every boundary. */
    private static ByteSource pieces(byte[] tar, int length) {
        var rest = ByteBuffer.wrap(tar);
        return () -> {
            if (!rest.hasRemaining()) {
                return null;
            }
            var piece = rest.slice(rest.position(), Math.min(length, rest.remaining()));
            rest.position(rest.position() + piece.remaining());
            return piece;
        };
    }

    private static List<TarEntry> read(byte[] tar) {
        return read(tar, 1000);
    }

    private static List<TarEntry> read(byte[] tar, int pieceLength) {
        var reader = new TarReader(pieces(tar, pieceLength));
        var entries = new ArrayList<TarEntry>();
        try {
            for (var entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(entry);
            }
            reader.drain();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return entries;
    }

    private static void assertRefused(byte[] tar, Failure.Kind kind, String reason) {
        assertThatThrownBy(() -> read(tar)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure).hasMessageContaining(reason);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 512, 100_000})
    void readsContentsWhateverThePieces(int length) throws IOException {
        var tar = new TarBytes().file("a", "x".repeat(1000)).file("b", "second").end();
        var reader = new TarReader(pieces(tar, length));
        var contents = new StringBuilder();
        for (var entry = reader.next(); entry != null; entry = reader.next()) {
            reader.readContents(piece -> {
                var taken = new byte[piece.remaining()];
                piece.get(taken);
                contents.append(new String(taken, StandardCharsets.ISO_8859_1));
            });
        }
        assertThat(contents.toString()).isEqualTo("x".repeat(1000) + "second");
    }

    @Test
    void keepsNamesAsBytes() {
        var name = new byte[] {(byte) 0xFF, 'x', '\n', (byte) 0xC3};
        assertThat(read(new TarBytes().file(name, new byte[0]).end()).getFirst().name)
                .isEqualTo(name);
    }

    @Test
    void keepsCapabilitiesAsBytes() {
        var capability = new byte[] {1, 0, 0, 2, (byte) 0x80, 0, 0, 0, (byte) 0xFE, 0, '\n', 0};
        var tar = new TarBytes()
                .pax("SCHILY.xattr.security.capability", capability)
                .file("f", "");
        var xattrs = read(tar.end()).getFirst().attributes.xattrs();
        assertThat(xattrs)
                .singleElement()
                .satisfies(xattr -> assertThat(xattr.value()).isEqualTo(capability));
    }

    @Test
    void prefersPaxToTheHeader() {
        var entry = read(new TarBytes()
                        .pax("path", "long")
                        .pax("uid", "4294967294")
                        .pax("mtime", "-1.25")
                        .file("short", "")
                        .end())
                .getFirst();
        assertThat(entry.name).isEqualTo(bytes("long"));
        assertThat(entry.attributes.uid()).isEqualTo(4294967294L);
        assertThat(entry.attributes.mtimeSeconds()).isEqualTo(-2);
        assertThat(entry.attributes.mtimeNanos()).isEqualTo(750_000_000);
    }

    @Test
    void takesAnExtendedHeaderForOneEntryOnly() {
        var entries = read(
                new TarBytes().pax("path", "long").file("a", "").file("b", "").end());
        assertThat(entries.get(1).name).isEqualTo(bytes("b"));
    }

    @Test
    void takesAPaxValueBackWhenItIsEmpty() {
        var tar = new TarBytes()
                .pax("path", "other")
                .pax("path", "")
                .file("own", "")
                .end();
        assertThat(read(tar).getFirst().name).isEqualTo(bytes("own"));
    }

    @Test
    void readsGnuLongNamesAndLinks() {
        var name = bytes("n".repeat(300) + "\0");
        var link = bytes("l".repeat(300) + "\0");
        var entry = read(new TarBytes()
                        .raw('L', bytes("././@LongLink"), new byte[0], name, name.length)
                        .raw('K', bytes("././@LongLink"), new byte[0], link, link.length)
                        .symbolicLink("n", "l")
                        .end())
                .getFirst();
        assertThat(entry.name).hasSize(300);
        assertThat(entry.linkName).hasSize(300);
    }

    @Test
    void passesGlobalHeadersOver() {
        var record = bytes("14 path=other\n");
        var tar = new TarBytes()
                .raw('g', bytes("g"), new byte[0], record, record.length)
                .file("own", "");
        assertThat(read(tar.end()).getFirst().name).isEqualTo(bytes("own"));
    }

    @Test
    void readsNumbersInBase256() {
        var entry = read(new TarBytes()
                        .owner(3_000_000_000L, 0)
                        .mtime(-5)
                        .file("f", "")
                        .end())
                .getFirst();
        assertThat(entry.attributes.uid()).isEqualTo(3_000_000_000L);
        assertThat(entry.attributes.mtimeSeconds()).isEqualTo(-5);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, 0x0123456789ABCDEFL, Long.MAX_VALUE})
    void readsBase256AtItsLimits(long value) {
        var block = new byte[512];
        TarBytes.number(block, 0, 12, value);
        if (value >= 0 && value < 1L << 33) {
            return;
        }
        assertThat(TarHeader.number(block, 0, 12, "size")).isEqualTo(value);
    }

    @Test
    void refusesBase256BeyondSixtyFourBits() {
        var block = new byte[512];
        Arrays.fill(block, 0, 12, (byte) 0xBF);
        assertThatThrownBy(() -> TarHeader.number(block, 0, 12, "size")).hasMessageContaining("out of range");
    }

    @Test
    void acceptsAnArchiveThatEndsWithoutZeros() {
        assertThat(read(new TarBytes().file("f", "x").cut())).hasSize(1);
    }

    @Test
    void readsNothingFromAnEmptyStream() {
        assertThat(read(new byte[0])).isEmpty();
    }

    @Test
    void refusesAnArchiveCutWithinAnEntry() {
        var tar = new TarBytes().file("some-file", "x".repeat(2000)).cut();
        assertRefused(Arrays.copyOf(tar, 1500), Failure.Kind.INVALID, "some-file");
        assertRefused(Arrays.copyOf(tar, 300), Failure.Kind.INVALID, "ends within");
    }

    @Test
    void refusesAWrongChecksum() {
        var tar = new TarBytes().file("f", "").end();
        tar[0] ^= 1;
        assertRefused(tar, Failure.Kind.INVALID, "checksum");
    }

    @Test
    void refusesDataAfterABlockOfZeros() {
        var tar = new TarBytes()
                .file("a", "")
                .rawBytes(new byte[512])
                .file("b", "")
                .end();
        assertRefused(tar, Failure.Kind.INVALID, "zeros");
    }

    @Test
    void refusesANulInAName() {
        assertRefused(new TarBytes().pax("path", "a\0b").file("f", "").end(), Failure.Kind.INVALID, "NUL");
    }

    @Test
    void refusesNegativeAndHugeSizes() {
        var negative = new TarBytes()
                .raw('0', bytes("f"), new byte[0], new byte[0], -1)
                .end();
        assertRefused(negative, Failure.Kind.INVALID, "\"f\"");
        var huge = new TarBytes()
                .raw('0', bytes("f"), new byte[0], new byte[0], 1L << 60)
                .end();
        assertRefused(huge, Failure.Kind.EXHAUSTED, "size");
    }

    @Test
    void refusesAnIdThatWouldWrap() {
        assertRefused(new TarBytes().owner(1L << 32, 0).file("f", "").end(), Failure.Kind.INVALID, "uid");
        assertRefused(new TarBytes().owner(0xFFFF_FFFFL, 0).file("f", "").end(), Failure.Kind.INVALID, "uid");
        assertRefused(new TarBytes().owner(0, -1).file("f", "").end(), Failure.Kind.INVALID, "gid");
    }

    @Test
    void refusesAnUnknownType() {
        assertRefused(
                new TarBytes().entry('M', bytes("f"), new byte[0], new byte[0]).end(), Failure.Kind.INVALID, "type");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5 a\n",
                "x a=b\n",
                "999 a=b\n",
                "6 a=bc",
                "6 =bc\n",
                "0 a=b\n",
                "-6 a=b\n",
                "99999999999999999999 a=b\n",
                "6a=bc\n"
            })
    void refusesMalformedPaxRecords(String record) {
        var tar = new TarBytes()
                .raw('x', bytes("x"), new byte[0], bytes(record), record.length())
                .file("f", "");
        assertRefused(tar.end(), Failure.Kind.INVALID, "malformed");
    }

    @Test
    void readsExtendedHeadersUpToTheirLimit() {
        // Header block, record's own framing and the contents together.
        var room = TarLimits.MAX_EXTENDED_BYTES - 512 - "1048064 comment=\n".length();
        assertThat(read(new TarBytes()
                        .pax("comment", new byte[room])
                        .file("f", "")
                        .end()))
                .hasSize(1);
        var more =
                new TarBytes().pax("comment", new byte[room + 1]).file("f", "").end();
        assertRefused(more, Failure.Kind.EXHAUSTED, "extended headers");
    }

    @Test
    void refusesAHugeExtendedHeaderWithoutReadingIt() {
        var tar = new TarBytes()
                .raw('x', bytes("x"), new byte[0], new byte[0], 1L << 32)
                .cut();
        assertRefused(tar, Failure.Kind.EXHAUSTED, "extended headers");
    }

    @Test
    void refusesAChainOfExtendedHeadersThatDoesNotEnd() {
        var tar = new TarBytes();
        for (var i = 0; i < TarLimits.MAX_EXTENDED_BYTES / 512 + 1; i++) {
            tar.raw('x', bytes("x"), new byte[0], new byte[0], 0);
        }
        assertRefused(tar.cut(), Failure.Kind.EXHAUSTED, "extended headers");
    }

    @Test
    void readsExtendedAttributesUpToTheirLimit() {
        var room = TarLimits.MAX_XATTR_BYTES - "user.a".length();
        var key = "SCHILY.xattr.user.a";
        assertThatCode(() -> read(
                        new TarBytes().pax(key, new byte[room]).file("f", "").end()))
                .doesNotThrowAnyException();
        assertRefused(
                new TarBytes().pax(key, new byte[room + 1]).file("f", "").end(), Failure.Kind.EXHAUSTED, "attributes");
    }

    @Test
    void readsPathsUpToTheirLimit() {
        var longest = "a".repeat(TarLimits.MAX_PATH_BYTES);
        assertThat(read(new TarBytes().file(longest, "").end())).hasSize(1);
        assertRefused(new TarBytes().file(longest + "a", "").end(), Failure.Kind.INVALID, "longer");
    }

    @Test
    void readsSparseMapsUpToTheirLimit() {
        assertThat(read(sparse(TarLimits.MAX_SEGMENTS)).getFirst().segments).hasSize(TarLimits.MAX_SEGMENTS);
        assertRefused(sparse(TarLimits.MAX_SEGMENTS + 1), Failure.Kind.EXHAUSTED, "sparse");
    }

    /** Format 1.0: the map comes before the contents. */
    private static byte[] sparse(int count) {
        var map = new StringBuilder().append(count).append('\n');
        for (var i = 0; i < count; i++) {
            map.append(2L * i).append("\n1\n");
        }
        var padded = Arrays.copyOf(bytes(map.toString()), (map.length() + 511) & ~511);
        var contents = Arrays.copyOf(padded, padded.length + count);
        return new TarBytes()
                .pax("GNU.sparse.major", "1")
                .pax("GNU.sparse.minor", "0")
                .pax("GNU.sparse.realsize", Long.toString(2L * count))
                .file(bytes("s"), contents)
                .end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,1,0,1", "5,1,0,1", "0", "0,", "a,b", "0,9", "9,1", "0,999999999999999999999"})
    void refusesSparseMapsThatDoNotFit(String map) {
        var tar = new TarBytes()
                .pax("GNU.sparse.map", map)
                .pax("GNU.sparse.size", "8")
                .file("s", "xx")
                .end();
        assertThatThrownBy(() -> read(tar)).isInstanceOf(Failure.class);
    }

    /** Whatever a tar is made into by chance, reading ends with entries or with a failure that is the tar's own. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void survivesMutations(long seed) {
        var random = new Random(seed);
        var originals = List.of(
                new RandomTar(seed).make(40),
                sparse(30),
                new TarBytes()
                        .raw('L', bytes("L"), new byte[0], bytes("n".repeat(200)), 200)
                        .pax("SCHILY.xattr.user.a", "b")
                        .pax("mtime", "1.5")
                        .file("n", "contents")
                        .end());
        for (var round = 0; round < 2500; round++) {
            var tar = originals.get(random.nextInt(originals.size())).clone();
            mutate(random, tar);
            var cut = random.nextInt(8) == 0 ? Arrays.copyOf(tar, random.nextInt(tar.length)) : tar;
            try {
                read(cut, 1 + random.nextInt(5000));
            } catch (Failure e) {
                assertThat(e.kind())
                        .as("seed %s round %s: %s", seed, round, e.getMessage())
                        .isIn(Failure.Kind.INVALID, Failure.Kind.EXHAUSTED);
            }
        }
    }

    /** Changes some bytes, mostly in headers, and makes the checksums fit again. */
    private static void mutate(Random random, byte[] tar) {
        for (var i = 0; i <= random.nextInt(4); i++) {
            var block = 512 * random.nextInt(Math.min(tar.length / 512, 60));
            var at = block + (random.nextBoolean() ? 100 + random.nextInt(160) : random.nextInt(512));
            tar[at] = random.nextBoolean() ? (byte) random.nextInt() : bytes("0179x5LKgS\0 ")[random.nextInt(12)];
            if (random.nextInt(4) != 0) {
                System.arraycopy(TarBytes.checksummed(Arrays.copyOfRange(tar, block, block + 512)), 0, tar, block, 512);
            }
        }
    }
}
