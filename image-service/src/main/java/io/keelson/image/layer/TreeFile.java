package io.keelson.image.layer;

import io.keelson.image.tar.TarEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/** A regular file of a tree on its way to disk, below a name of ours. Pieces of nothing but zeros are holes. */
final class TreeFile implements StoredFile {
    /** Shorter runs of zeros are no hole on most file systems. */
    private static final int MIN_HOLE_BYTES = BlockFile.BLOCK_BYTES;

    private final FileChannel channel;
    private final long size;
    private final List<TarEntry.Segment> segments;
    private final LongConsumer written;
    private final End end;
    private int segment;
    private long inSegment;
    private long endsAt;

    /** What is done with a file that is complete; its slot. */
    interface End {
        int run() throws IOException;
    }

    /**
     * @param path does not exist
     * @param segments where the contents belong that come, in order
     * @param written hears how many bytes go to disk, before they do
     */
    TreeFile(Path path, long size, List<TarEntry.Segment> segments, LongConsumer written, End end) throws IOException {
        this.size = size;
        this.segments = segments;
        this.written = written;
        this.end = end;
        this.channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    @Override
    public void accept(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            var current = segments.get(segment);
            var take = (int) Math.min(piece.remaining(), current.length() - inSegment);
            put(piece.slice(piece.position(), take), current.offset() + inSegment);
            piece.position(piece.position() + take);
            inSegment += take;
            if (inSegment == current.length()) {
                segment++;
                inSegment = 0;
            }
        }
    }

    private void put(ByteBuffer bytes, long at) throws IOException {
        if (bytes.remaining() >= MIN_HOLE_BYTES && isZero(bytes)) {
            return;
        }
        written.accept(bytes.remaining());
        var position = at;
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
        endsAt = position;
    }

    private static boolean isZero(ByteBuffer bytes) {
        for (var i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int end() throws IOException {
        if (endsAt < size) {
            channel.write(ByteBuffer.allocate(1), size - 1);
        }
        close();
        return end.run();
    }

    void close() throws IOException {
        channel.close();
    }
}
