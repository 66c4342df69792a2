package io.keelson.image.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tars byte by byte, right ones and wrong ones. */
public final class TarBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream records = new ByteArrayOutputStream();

    private int mode = 0644;
    private long uid;
    private long gid;
    private long mtime = 1_700_000_000L;
    private int major;
    private int minor;

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public TarBytes mode(int value) {
        mode = value;
        return this;
    }

    public TarBytes owner(long newUid, long newGid) {
        uid = newUid;
        gid = newGid;
        return this;
    }

    public TarBytes mtime(long seconds) {
        mtime = seconds;
        return this;
    }

    public TarBytes device(int newMajor, int newMinor) {
        major = newMajor;
        minor = newMinor;
        return this;
    }

    public TarBytes directory(String name) {
        return entry('5', bytes(name), new byte[0], new byte[0]);
    }

    public TarBytes file(String name, String contents) {
        return file(bytes(name), bytes(contents));
    }

    public TarBytes file(byte[] name, byte[] contents) {
        return entry('0', name, new byte[0], contents);
    }

    public TarBytes symbolicLink(String name, String target) {
        return entry('2', bytes(name), bytes(target), new byte[0]);
    }

    public TarBytes hardLink(String name, String target) {
        return entry('1', bytes(name), bytes(target), new byte[0]);
    }

    /** A PAX record for the next entry. */
    public TarBytes pax(String key, byte[] value) {
        var length = key.length() + value.length + 3;
        var whole = length + Integer.toString(length).length();
        if (Integer.toString(whole).length() > Integer.toString(length).length()) {
            whole++;
        }
        records.writeBytes(bytes(whole + " " + key + "="));
        records.writeBytes(value);
        records.write('\n');
        return this;
    }

    public TarBytes pax(String key, String value) {
        return pax(key, bytes(value));
    }

    public TarBytes entry(char type, byte[] name, byte[] link, byte[] contents) {
        if (name.length > 100) {
            pax("path", name);
        }
        if (link.length > 100) {
            pax("linkpath", link);
        }
        if (records.size() > 0) {
            var header = records.toByteArray();
            records.reset();
            raw('x', bytes("pax"), new byte[0], header, header.length);
        }
        return raw(type, name, link, contents, contents.length);
    }

    /** An entry as it is, with a size that need not be true. */
    public TarBytes raw(char type, byte[] name, byte[] link, byte[] contents, long size) {
        out.writeBytes(header(type, name, link, size));
        out.writeBytes(contents);
        out.writeBytes(new byte[-contents.length & 511]);
        return this;
    }

    public byte[] header(char type, byte[] name, byte[] link, long size) {
        var block = new byte[512];
        System.arraycopy(name, 0, block, 0, Math.min(100, name.length));
        number(block, 100, 8, mode);
        number(block, 108, 8, uid);
        number(block, 116, 8, gid);
        number(block, 124, 12, size);
        number(block, 136, 12, mtime);
        block[156] = (byte) type;
        System.arraycopy(link, 0, block, 157, Math.min(100, link.length));
        put(block, 257, "ustar\00000");
        number(block, 329, 8, major);
        number(block, 337, 8, minor);
        return checksummed(block);
    }

    public static byte[] checksummed(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        var sum = 0;
        for (var value : block) {
            sum += Byte.toUnsignedInt(value);
        }
        put(block, 148, String.format("%06o\0 ", sum));
        return block;
    }

    /** Octal where it fits, base 256 where it does not. */
    static void number(byte[] block, int offset, int length, long value) {
        if (value >= 0 && value < 1L << (3 * (length - 1))) {
            put(block, offset, String.format("%0" + (length - 1) + "o\0", value));
            return;
        }
        for (var i = 0; i < length; i++) {
            var shift = 8 * (length - 1 - i);
            block[offset + i] = (byte) (shift > 56 ? (value < 0 ? -1 : 0) : value >> shift);
        }
        block[offset] |= (byte) 0x80;
    }

    private static void put(byte[] block, int offset, String text) {
        var bytes = bytes(text);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    public TarBytes rawBytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** With the two blocks of zeros that end an archive. */
    public byte[] end() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    /** Without. */
    public byte[] cut() {
        return out.toByteArray();
    }
}
