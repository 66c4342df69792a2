package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import java.util.Arrays;

/** The fields of a 512-byte header block: POSIX ustar, GNU, star, and the seventh edition's (tar(5)). */
final class TarHeader {
    static final int BYTES = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_BYTES = 8;
    private static final byte[] POSIX_MAGIC = ByteNames.ascii("ustar\0");
    private static final byte[] GNU_MAGIC = ByteNames.ascii("ustar  \0");
    private static final byte[] STAR_TRAILER = ByteNames.ascii("tar\0");

    private final byte[] block;
    private final boolean posix;
    private final boolean gnu;

    private TarHeader(byte[] block) {
        this.block = block;
        this.posix = has(257, POSIX_MAGIC);
        this.gnu = has(257, GNU_MAGIC);
    }

    static boolean isZero(byte[] block) {
        for (var value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** @throws Failure INVALID if the checksum does not fit: this is no header */
    static TarHeader parse(byte[] block) {
        long unsigned = 0;
        long signed = 0;
        for (var i = 0; i < BYTES; i++) {
            var value = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_BYTES ? (byte) ' ' : block[i];
            unsigned += Byte.toUnsignedInt(value);
            signed += value;
        }
        var header = new TarHeader(block);
        var stated = header.number(CHECKSUM, CHECKSUM_BYTES, "checksum");
        if (stated != unsigned && stated != signed) {
            throw Failure.invalid("tar header has checksum " + stated + ", not " + unsigned);
        }
        return header;
    }

    private boolean has(int offset, byte[] expected) {
        return Arrays.equals(block, offset, offset + expected.length, expected, 0, expected.length);
    }

    char type() {
        return (char) Byte.toUnsignedInt(block[156]);
    }

    byte[] name() {
        var name = text(0, 100);
        var prefixBytes = posix ? (has(508, STAR_TRAILER) ? 131 : 155) : 0;
        var prefix = text(345, prefixBytes);
        if (prefix.length == 0) {
            return name;
        }
        var whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] linkName() {
        return text(157, 100);
    }

    /** The lower twelve bits. */
    int permissions() {
        return (int) (number(100, 8, "mode") & 07777);
    }

    long uid() {
        return number(108, 8, "uid");
    }

    long gid() {
        return number(116, 8, "gid");
    }

    long size() {
        return number(124, 12, "size");
    }

    long mtime() {
        return number(136, 12, "mtime");
    }

    long deviceMajor() {
        return posix || gnu ? number(329, 8, "device major") : 0;
    }

    long deviceMinor() {
        return posix || gnu ? number(337, 8, "device minor") : 0;
    }

    /** Of the old GNU sparse format: up to four entries here, 21 in each block that follows. */
    void addSegments(SparseMap map) {
        addSegments(block, 386, 4, map);
    }

    boolean hasMoreSegments() {
        return block[482] != 0;
    }

    long sparseSize() {
        return number(483, 12, "sparse size");
    }

    /** A block of further segments; whether yet another one follows. */
    static boolean addFurtherSegments(byte[] block, SparseMap map) {
        addSegments(block, 0, 21, map);
        return block[504] != 0;
    }

    private static void addSegments(byte[] block, int offset, int count, SparseMap map) {
        for (var i = 0; i < count; i++) {
            var at = offset + 24 * i;
            if (block[at] == 0) {
                return;
            }
            map.add(number(block, at, 12, "sparse offset"), number(block, at + 12, 12, "sparse length"));
        }
    }

    private byte[] text(int offset, int length) {
        var end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, offset, end);
    }

    private long number(int offset, int length, String field) {
        return number(block, offset, length, field);
    }

    /** Octal digits between spaces or NULs; or, with the first bit set, a big-endian number in two's complement. */
    static long number(byte[] block, int offset, int length, String field) {
        return (block[offset] & 0x80) != 0 ? binary(block, offset, length, field) : octal(block, offset, length, field);
    }

    private static long binary(byte[] block, int offset, int length, String field) {
        var negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (var i = 0; i < length; i++) {
            if (value >>> 55 != (negative ? 0x1FF : 0)) {
                throw Failure.invalid("tar header's " + field + " is out of range");
            }
            var bits = Byte.toUnsignedInt(block[offset + i]);
            value = value << 8 | (i == 0 ? (negative ? bits : bits & 0x7F) : bits);
        }
        return value;
    }

    private static long octal(byte[] block, int offset, int length, String field) {
        var at = offset;
        var end = offset + length;
        while (at < end && (block[at] == ' ' || block[at] == 0)) {
            at++;
        }
        long value = 0;
        while (at < end && block[at] >= '0' && block[at] <= '7') {
            value = value * 8 + (block[at] - '0');
            at++;
        }
        while (at < end && (block[at] == ' ' || block[at] == 0)) {
            at++;
        }
        // What follows a terminated number is left over from something else in tars of some writers.
        if (at < end && (at == offset || (block[at - 1] != ' ' && block[at - 1] != 0))) {
            throw Failure.invalid("tar header's " + field + " is not a number");
        }
        return value;
    }
}
