package io.keelson.simulation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A file or a directory. */
final class Inode {
    final int number;
    final boolean isDirectory;
    /** In the order in which they came: that of names would be of chance, as ids are. */
    final Map<String, Inode> entries = new LinkedHashMap<>();

    byte[] bytes = new byte[0];
    int length;

    Inode(int number, boolean isDirectory) {
        this.number = number;
        this.isDirectory = isDirectory;
    }

    void write(long position, byte[] written) {
        var end = Math.toIntExact(position + written.length);
        reserve(end);
        System.arraycopy(written, 0, bytes, (int) position, written.length);
        length = Math.max(length, end);
    }

    /** What is beyond the old end is zero. */
    void setLength(long wanted) {
        reserve(Math.toIntExact(wanted));
        if (wanted < length) {
            Arrays.fill(bytes, (int) wanted, length, (byte) 0);
        }
        length = (int) wanted;
    }

    private void reserve(int wanted) {
        if (wanted > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
        }
    }
}
