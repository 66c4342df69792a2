package io.keelson.image.tar;

import java.util.List;

/** One entry of a tar, with everything that its extended headers said. */
public final class TarEntry {
    public enum Type {
        FILE,
        HARD_LINK,
        SYMBOLIC_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /** A piece of a sparse file that is stored. */
    public record Segment(long offset, long length) {
        public long end() {
            return offset + length;
        }
    }

    public final Type type;
    /** As it is written: neither clean nor safe. */
    public final byte[] name;
    /** Of links; empty otherwise. */
    public final byte[] linkName;

    public final Attributes attributes;
    /** Length of the file's contents. */
    public final long size;

    public final int deviceMajor;
    public final int deviceMinor;
    public final boolean isSparse;
    /** What is stored of a sparse file: ascending, none empty, none beyond the size. */
    public final List<Segment> segments;

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

    public String quotedName() {
        return ByteNames.quote(name);
    }
}
