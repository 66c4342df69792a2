package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.List;

/** Which pieces of a sparse file are stored, checked as they are added. */
final class SparseMap {
    private final List<TarEntry.Segment> segments = new ArrayList<>();
    private int pieces;
    private long end;
    private long stored;

    /** @throws Failure INVALID unless it lies behind the one before; EXHAUSTED if there are too many */
    void add(long offset, long length) {
        if (++pieces > TarLimits.MAX_SEGMENTS) {
            throw Failure.exhausted("sparse map has more than " + TarLimits.MAX_SEGMENTS + " pieces");
        }
        if (offset < end || length < 0 || offset > TarLimits.MAX_FILE_BYTES || length > TarLimits.MAX_FILE_BYTES) {
            throw Failure.invalid("sparse map is not in order at offset " + offset + ", length " + length);
        }
        end = offset + length;
        stored += length;
        if (length > 0) {
            segments.add(new TarEntry.Segment(offset, length));
        }
    }

    /** @throws Failure INVALID unless the map fits the file's size and what is stored of it */
    List<TarEntry.Segment> complete(long size, long storedSize) {
        if (end > size || stored != storedSize) {
            throw Failure.invalid("sparse map of " + stored + " bytes up to " + end + " does not fit a file of " + size
                    + " bytes with " + storedSize + " stored");
        }
        return segments;
    }
}
