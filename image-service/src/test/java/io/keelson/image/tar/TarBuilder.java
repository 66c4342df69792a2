package io.keelson.image.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes tar archives for tests, well-formed or not. */
public final class TarBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, byte[]> pax = new LinkedHashMap<>();
    private long mtime = 1_700_000_000L;

    /** An extended-header record for the next member. */
    public TarBuilder pax(String key, byte[] value) {
        pax.put(key, value);
        return this;
    }

    public TarBuilder pax(String key, String value) {
        return pax(key, value.getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder mtime(long seconds) {
        mtime = seconds;
        return this;
    }

    public TarBuilder file(String name, String content) {
        return member(name, '0', "", 0644, 0, 0, content.getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder file(String name, byte[] content) {
        return member(name, '0', "", 0644, 0, 0, content);
    }

    public TarBuilder directory(String name, int mode) {
        return member(name + "/", '5', "", mode, 0, 0, new byte[0]);
    }

    public TarBuilder symbolicLink(String name, String target) {
        return member(name, '2', target, 0777, 0, 0, new byte[0]);
    }

    public TarBuilder hardLink(String name, String target) {
        return member(name, '1', target, 0644, 0, 0, new byte[0]);
    }

    public TarBuilder device(String name, char type, int major, int minor) {
        return member(bytes(name), type, bytes(""), 0600, 0, 0, major, minor, new byte[0]);
    }

    public TarBuilder member(String name, char type, String link, int mode, int uid, int gid, byte[] content) {
        return member(bytes(name), type, bytes(link), mode, uid, gid, 0, 0, content);
    }

    public TarBuilder member(
            byte[] name, char type, byte[] link, int mode, int uid, int gid, int major, int minor, byte[] content) {
        if (!pax.isEmpty()) {
            var records = new ByteArrayOutputStream();
            pax.forEach((key, value) -> records.writeBytes(record(key, value)));
            pax.clear();
            raw(bytes("pax"), 'x', new byte[0], 0644, 0, 0, 0, 0, records.toByteArray());
        }
        if (name.length > 100) {
            raw(bytes("././@LongLink"), 'L', new byte[0], 0644, 0, 0, 0, 0, Arrays.copyOf(name, name.length + 1));
        }
        if (link.length > 100) {
            raw(bytes("././@LongLink"), 'K', new byte[0], 0644, 0, 0, 0, 0, Arrays.copyOf(link, link.length + 1));
        }
        return raw(name, type, link, mode, uid, gid, major, minor, content);
    }

    private TarBuilder raw(
            byte[] name, char type, byte[] link, int mode, int uid, int gid, int major, int minor, byte[] content) {
        var header = new byte[512];
        System.arraycopy(name, 0, header, 0, Math.min(100, name.length));
        octal(header, 100, 8, mode);
        octal(header, 108, 8, uid);
        octal(header, 116, 8, gid);
        octal(header, 124, 12, content.length);
        octal(header, 136, 12, mtime);
        header[156] = (byte) type;
        System.arraycopy(link, 0, header, 157, Math.min(100, link.length));
        System.arraycopy(bytes("ustar\00000"), 0, header, 257, 8);
        octal(header, 329, 8, major);
        octal(header, 337, 8, minor);
        checksum(header);
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return this;
    }

    public byte[] build() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    static void checksum(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        var sum = 0L;
        for (var value : header) {
            sum += value & 0xFF;
        }
        octal(header, 148, 7, sum);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void octal(byte[] header, int offset, int length, long value) {
        var digits = bytes(String.format("%0" + (length - 1) + "o", value));
        System.arraycopy(digits, 0, header, offset, length - 1);
        header[offset + length - 1] = 0;
    }

    private static byte[] record(String key, byte[] value) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(bytes(" " + key + "="));
        body.writeBytes(value);
        body.write('\n');
        var length = body.size();
        while (String.valueOf(length).length() + body.size() != length) {
            length = String.valueOf(length).length() + body.size();
        }
        var record = new ByteArrayOutputStream();
        record.writeBytes(bytes(String.valueOf(length)));
        record.writeBytes(body.toByteArray());
        return record.toByteArray();
    }
}
