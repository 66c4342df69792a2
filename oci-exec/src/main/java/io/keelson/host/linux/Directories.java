package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What directories contain, as the bytes that the kernel has for names: they need not be text in any encoding. */
public final class Directories {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int DT_DIR = 4;
    // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name.
    static final int LENGTH_OFFSET = 16;
    private static final int TYPE_OFFSET = 18;
    static final int NAME_OFFSET = 19;

    /** A name in a directory; {@code isDirectory} is false also where the file system does not tell. */
    public record Entry(byte[] name, boolean isDirectory) {
        private boolean isDots() {
            return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
        }
    }

    private Directories() {}

    /** getdents64(2): some more entries of an open directory, without {@code .} and {@code ..}; none at its end. */
    public static List<Entry> read(Fd directory) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(BUFFER_BYTES, 8);
            while (true) {
                var length =
                        (int) SystemCall.GETDENTS64.call(directory, directory.number(), buffer.address(), BUFFER_BYTES);
                // Byte by byte an array is read much more quickly than memory outside the heap.
                var entries = entries(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
                // A buffer may hold nothing but the dots.
                if (length == 0 || !entries.isEmpty()) {
                    return entries;
                }
            }
        }
    }

    private static List<Entry> entries(byte[] bytes) {
        var entries = new ArrayList<Entry>();
        for (var at = 0; at < bytes.length; at += recordBytes(bytes, at)) {
            var nameEnd = at + NAME_OFFSET;
            while (bytes[nameEnd] != 0) {
                nameEnd++;
            }
            var name = Arrays.copyOfRange(bytes, at + NAME_OFFSET, nameEnd);
            var entry = new Entry(name, bytes[at + TYPE_OFFSET] == DT_DIR);
            if (!entry.isDots()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** Both machines that this runs on are little-endian. */
    private static int recordBytes(byte[] bytes, int at) {
        return Byte.toUnsignedInt(bytes[at + LENGTH_OFFSET]) | Byte.toUnsignedInt(bytes[at + LENGTH_OFFSET + 1]) << 8;
    }
}
