package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/** Writes tar archives byte by byte: names of any bytes, and headers that need not be true. */
final class RawTar {
    static final int BLOCK_BYTES = 512;
    static final int SIZE = 124;
    static final int NUMBER_BYTES = 12;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream records = new ByteArrayOutputStream();

    /** A path of strings and byte arrays. */
    static byte[] path(Object... parts) {
        var path = new ByteArrayOutputStream();
        for (var part : parts) {
            path.writeBytes(
                    part instanceof byte[] bytes ? bytes : part.toString().getBytes(ISO_8859_1));
        }
        return path.toByteArray();
    }

    RawTar file(byte[] name, String content) {
        return file(name, path(content));
    }

    RawTar file(byte[] name, byte[] content) {
        return entry('0', name, new byte[0], content, header -> {});
    }

    RawTar directory(byte[] name) {
        return entry('5', name, new byte[0], new byte[0], header -> {});
    }

    RawTar symbolicLink(byte[] name, String target) {
        return entry('2', name, path(target), new byte[0], header -> {});
    }

    RawTar hardLink(byte[] name, Object... target) {
        return entry('1', name, path(target), new byte[0], header -> {});
    }

    RawTar device(char type, byte[] name, int major, int minor) {
        return entry(type, name, new byte[0], new byte[0], header -> {
            octal(header, 329, 8, major);
            octal(header, 337, 8, minor);
        });
    }

    /** A PAX record for the next entry (pax(1), "pax Header Block"). */
    RawTar pax(String key, byte[] value) {
        var rest = key.length() + value.length + 3;
        var length = rest + String.valueOf(rest).length();
        length = rest + String.valueOf(length).length();
        records.writeBytes(path(length + " " + key + "=", value, "\n"));
        return this;
    }

    RawTar pax(String key, String value) {
        return pax(key, path(value));
    }

    /** @param change what is wrong with the header; its checksum is right nevertheless */
    RawTar entry(char type, byte[] name, byte[] link, byte[] content, Consumer<byte[]> change) {
        if (name.length > 100) {
            pax("path", name);
        }
        if (records.size() > 0) {
            var value = records.toByteArray();
            records.reset();
            add('x', path("pax"), new byte[0], value, header -> {});
        }
        return add(type, name, link, content, change);
    }

    private RawTar add(char type, byte[] name, byte[] link, byte[] content, Consumer<byte[]> change) {
        out.writeBytes(header(type, name, link, content.length, change));
        out.writeBytes(content);
        out.writeBytes(new byte[Math.floorMod(-content.length, BLOCK_BYTES)]);
        return this;
    }

    static byte[] header(char type, byte[] name, byte[] link, long size, Consumer<byte[]> change) {
        var header = new byte[BLOCK_BYTES];
        System.arraycopy(name, 0, header, 0, Math.min(100, name.length));
        octal(header, 100, 8, 0755);
        octal(header, 108, 8, 0);
        octal(header, 116, 8, 0);
        octal(header, SIZE, NUMBER_BYTES, size);
        octal(header, 136, NUMBER_BYTES, 1_700_000_000);
        header[156] = (byte) type;
        System.arraycopy(link, 0, header, 157, Math.min(100, link.length));
        text(header, 257, "ustar\00000");
        change.accept(header);
        Arrays.fill(header, 148, 156, (byte) ' ');
        var sum = 0;
        for (var each : header) {
            sum += Byte.toUnsignedInt(each);
        }
        text(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    /** A number in base 256: any of 64 bits, in two's complement. */
    static void binary(byte[] header, int offset, int width, long value) {
        for (var i = 0; i < width; i++) {
            var shift = 8 * (width - 1 - i);
            header[offset + i] = (byte) (shift > 56 ? value >> 63 : value >> shift);
        }
        header[offset] |= (byte) 0x80;
    }

    static void octal(byte[] header, int offset, int width, long value) {
        text(header, offset, ("%0" + (width - 1) + "o\0").formatted(value));
    }

    static void text(byte[] header, int offset, String text) {
        var bytes = path(text);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }

    RawTar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** With the two blocks that end an archive. */
    byte[] end() {
        out.writeBytes(new byte[2 * BLOCK_BYTES]);
        return out.toByteArray();
    }

    /** As it is. */
    byte[] cut() {
        return out.toByteArray();
    }
}
