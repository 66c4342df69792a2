package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.OutputStream;

/** Reads files' contents from a layer file that {@link ErofsWriter} wrote, without a mount. */
final class ErofsContents implements StoredContents {
    private static final int PIECE_BYTES = 256 << 10;

    private final ErofsReader reader;

    /** @param reader closed with this */
    ErofsContents(ErofsReader reader) {
        this.reader = reader;
    }

    @Override
    public void transfer(long position, OutputStream out) throws IOException {
        var head = reader.read(position, ErofsInode.BYTES);
        var size = head.getLong(8);
        var data = head.getInt(16);
        var behind = position + ErofsInode.BYTES + ErofsReader.xattrBytes(head);
        switch (head.getShort(0) >> 1 & 7) {
            case ErofsInode.FLAT -> copy(block(data), size, out);
            case ErofsInode.FLAT_INLINE_TAIL -> {
                var tail = size % BlockFile.BLOCK_BYTES;
                copy(block(data), size - tail, out);
                copy(behind, tail, out);
            }
            case ErofsInode.CHUNK_BASED -> chunks(behind, size, data & 0x1F, out);
            default -> throw Failure.invalid("inode at " + position + " is of no kind that we write");
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    private static long block(int number) {
        return Integer.toUnsignedLong(number) * BlockFile.BLOCK_BYTES;
    }

    private void chunks(long index, long size, int bits, OutputStream out) throws IOException {
        var chunkBytes = ChunkIndex.bytes(bits);
        for (var i = 0; i < ChunkIndex.count(size, bits); i++) {
            var address = reader.read(index + 4L * i, 4).getInt(0);
            var length = Math.min(chunkBytes, size - i * chunkBytes);
            if (address == ErofsInode.NO_BLOCK) {
                zeros(length, out);
            } else {
                copy(block(address), length, out);
            }
        }
    }

    private void copy(long from, long length, OutputStream out) throws IOException {
        var bytes = new byte[(int) Math.min(PIECE_BYTES, length)];
        for (var at = 0L; at < length; at += PIECE_BYTES) {
            var piece = reader.read(from + at, (int) Math.min(PIECE_BYTES, length - at));
            piece.get(bytes, 0, piece.limit());
            out.write(bytes, 0, piece.limit());
        }
    }

    private static void zeros(long length, OutputStream out) throws IOException {
        var zeros = new byte[(int) Math.min(PIECE_BYTES, length)];
        for (var left = length; left > 0; left -= zeros.length) {
            out.write(zeros, 0, (int) Math.min(zeros.length, left));
        }
    }
}
