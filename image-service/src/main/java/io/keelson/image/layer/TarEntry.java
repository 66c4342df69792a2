package io.keelson.image.layer;

import java.util.List;

/** One entry of a tar, with everything that its extended headers said. */
final class TarEntry {
    enum Type {
        FILE,
        HARD_LINK,
        SYMBOLIC_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /** A piece of a sparse file that is stored. */
    record Segment(long offset, long length) {
        long end() {
            return offset + length;
        }
    }

    final Type type;
    /** As it is written: neither clean nor safe. */
    final byte[] name;
    /** Of links; empty otherwise. */
    final byte[] linkName;

    final Attributes attributes;
    /** Length of the file's contents. */
    final long size;

    final int deviceMajor;
    final int deviceMinor;
    final boolean isSparse;
    /** What is stored of a sparse file: ascending, none empty, none beyond the size. */
    final List<Segment> segments;

    TarEntry(
            Type type,
            byte[] name,
            byte[] linkName,
            Attributes attributes,
            long size,
            int deviceMajor,
            int deviceMinor,
            boolean isSparse,
            List<Segment> segments) {
        this.type = type;
        this.name = name;
        this.linkName = linkName;
        this.attributes = attributes;
        this.size = size;
        this.deviceMajor = deviceMajor;
        this.deviceMinor = deviceMinor;
        this.isSparse = isSparse;
        this.segments = List.copyOf(segments);
    }

    String quotedName() {
        return ByteNames.quote(name);
    }
}
