package io.keelson.host.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The bytes of a file from one place up to another, or to the file's end if that comes first. The file's own position is neither used
 * nor moved, so that several pieces of one file are read at once; one piece is read by one thread. Closing it closes nothing.
 */
public final class FilePiece extends PieceInput {
    private final FileChannel file;
    private final long end;
    private long at;

    public FilePiece(FileChannel file, long from, long end) {
        this.file = file;
        this.at = from;
        this.end = end;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        var count = (int) Math.min(length, end - at);
        if (count <= 0) {
            return -1;
        }
        var read = file.read(ByteBuffer.wrap(bytes, offset, count), at);
        at += Math.max(0, read);
        return read;
    }
}
