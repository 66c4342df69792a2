package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** What directories contain, as the bytes that the kernel has for names: they need not be text in any encoding. */
public final class Directories {
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int DT_DIR = 4;
    // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name.
    private static final int LENGTH_OFFSET = 16;
    private static final int TYPE_OFFSET = 18;
    private static final int NAME_OFFSET = 19;

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
                var length = SystemCall.GETDENTS64.call(directory, directory.number(), buffer.address(), BUFFER_BYTES);
                var entries = new ArrayList<Entry>();
                for (var at = 0L; at < length; ) {
                    var end =
                            at + Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + LENGTH_OFFSET));
                    var nameEnd = at + NAME_OFFSET;
                    while (buffer.get(ValueLayout.JAVA_BYTE, nameEnd) != 0) {
                        nameEnd++;
                    }
                    var name = buffer.asSlice(at + NAME_OFFSET, nameEnd - at - NAME_OFFSET)
                            .toArray(ValueLayout.JAVA_BYTE);
                    var entry = new Entry(name, buffer.get(ValueLayout.JAVA_BYTE, at + TYPE_OFFSET) == DT_DIR);
                    if (!entry.isDots()) {
                        entries.add(entry);
                    }
                    at = end;
                }
                // A buffer may hold nothing but the dots.
                if (length == 0 || !entries.isEmpty()) {
                    return entries;
                }
            }
        }
    }
}
