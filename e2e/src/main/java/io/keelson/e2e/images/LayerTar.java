package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a layer as a POSIX tar archive, entry after entry: ustar headers, and PAX records (pax(1), "pax Header Block") for long
 * names and extended attributes. Every entry has the same time, so equal calls make equal bytes.
 */
public final class LayerTar {
    private static final int BLOCK_BYTES = 512;
    private static final int NAME_BYTES = 100;
    private static final long MTIME_SECONDS = 1_700_000_000;

    private static final char FILE = '0';
    private static final char HARD_LINK = '1';
    private static final char SYMBOLIC_LINK = '2';
    private static final char CHARACTER_DEVICE = '3';
    private static final char DIRECTORY = '5';
    private static final char FIFO = '6';
    private static final char PAX = 'x';

    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
    private final TreeMap<String, byte[]> extended = new TreeMap<>();
    private int uid;
    private int gid;

    /** Owner of the entries that follow. */
    public LayerTar ownedBy(int owner, int group) {
        uid = owner;
        gid = group;
        return this;
    }

    /** Gives the next entry an extended attribute; any bytes are allowed. */
    public LayerTar attribute(String name, byte[] value) {
        extended.put("SCHILY.xattr." + name, value.clone());
        return this;
    }

    /** Adds a directory. */
    public LayerTar directory(String path, int mode) {
        return add(path + "/", DIRECTORY, mode, "", new byte[0]);
    }

    /** Adds a regular file. */
    public LayerTar file(String path, int mode, byte[] content) {
        return add(path, FILE, mode, "", content);
    }

    /** Adds a regular file with text. */
    public LayerTar file(String path, int mode, String content) {
        return file(path, mode, content.getBytes(UTF_8));
    }

    /** Adds one more name for a file that was added before. Extractors change the mode of the shared inode, so it is said again. */
    public LayerTar hardLink(String path, String target, int mode) {
        return add(path, HARD_LINK, mode, target, new byte[0]);
    }

    /** Adds a symbolic link. */
    public LayerTar symbolicLink(String path, String target) {
        return add(path, SYMBOLIC_LINK, 0777, target, new byte[0]);
    }

    /** Adds a named pipe. */
    public LayerTar fifo(String path, int mode) {
        return add(path, FIFO, mode, "", new byte[0]);
    }

    /** Adds a character device; only 0:0 to 7:7 are needed here. */
    public LayerTar characterDevice(String path, int mode, int major, int minor) {
        pax(path, "");
        var header = header(path, CHARACTER_DEVICE, mode, "", 0);
        octal(header, 329, 8, major);
        octal(header, 337, 8, minor);
        write(header, new byte[0]);
        return this;
    }

    /** Hides a name of the layers below (OCI image specification, "Whiteouts"). */
    public LayerTar whiteout(String path) {
        var slash = path.lastIndexOf('/') + 1;
        return file(path.substring(0, slash) + ".wh." + path.substring(slash), 0, "");
    }

    /** Hides everything that the layers below have in a directory (OCI image specification, "Opaque Whiteout"). */
    public LayerTar opaque(String directory) {
        return file(directory + "/.wh..wh..opq", 0, "");
    }

    /** Adds the header of a regular file, whose contents and padding the caller writes behind what {@link #take} gives. */
    public LayerTar head(String path, int mode, long bytes) {
        write(header(path, FILE, mode, "", bytes), new byte[0]);
        return this;
    }

    /** What was added since the last call, for an archive that is not kept in memory. */
    public byte[] take() {
        var bytes = archive.toByteArray();
        archive.reset();
        return bytes;
    }

    /** The archive with its end mark. */
    public byte[] finish() {
        var copy = new ByteArrayOutputStream(archive.size() + 2 * BLOCK_BYTES);
        copy.writeBytes(archive.toByteArray());
        copy.writeBytes(new byte[2 * BLOCK_BYTES]);
        return copy.toByteArray();
    }

    private LayerTar add(String path, char type, int mode, String link, byte[] content) {
        pax(path, link);
        write(header(path, type, mode, link, content.length), content);
        return this;
    }

    private void pax(String path, String link) {
        if (path.getBytes(UTF_8).length > NAME_BYTES) {
            extended.put("path", path.getBytes(UTF_8));
        }
        if (link.getBytes(UTF_8).length > NAME_BYTES) {
            extended.put("linkpath", link.getBytes(UTF_8));
        }
        if (extended.isEmpty()) {
            return;
        }
        var records = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> each : extended.entrySet()) {
            records.writeBytes(record(each.getKey(), each.getValue()));
        }
        extended.clear();
        write(header("PaxHeaders/entry", PAX, 0644, "", records.size()), records.toByteArray());
    }

    /** {@code "<length> <key>=<value>\n"}, where the length counts itself. */
    private static byte[] record(String key, byte[] value) {
        var rest = 1 + key.getBytes(UTF_8).length + 1 + value.length + 1;
        var length = rest + String.valueOf(rest).length();
        length = rest + String.valueOf(length).length();
        var record = new ByteArrayOutputStream(length);
        record.writeBytes((length + " " + key + "=").getBytes(UTF_8));
        record.writeBytes(value);
        record.write('\n');
        return record.toByteArray();
    }

    private byte[] header(String path, char type, int mode, String link, long size) {
        var header = new byte[BLOCK_BYTES];
        text(header, 0, NAME_BYTES, path);
        octal(header, 100, 8, mode);
        octal(header, 108, 8, uid);
        octal(header, 116, 8, gid);
        octal(header, 124, 12, size);
        octal(header, 136, 12, MTIME_SECONDS);
        header[156] = (byte) type;
        text(header, 157, NAME_BYTES, link);
        text(header, 257, 8, "ustar\00000");
        return header;
    }

    private void write(byte[] header, byte[] content) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        var sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        text(header, 148, 8, "%06o\0 ".formatted(sum));
        archive.writeBytes(header);
        archive.writeBytes(content);
        archive.writeBytes(new byte[Math.floorMod(-content.length, BLOCK_BYTES)]);
    }

    private static void text(byte[] header, int offset, int width, String value) {
        var bytes = value.getBytes(UTF_8);
        System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, width));
    }

    private static void octal(byte[] header, int offset, int width, long value) {
        text(header, offset, width, ("%0" + (width - 1) + "o\0").formatted(value));
    }
}
