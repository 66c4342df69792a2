package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The index of a chunk-based file: where each of its chunks lies, all of one size, a power of two of blocks. */
final class ChunkIndex {
    /** Longest index; longer files have larger chunks. */
    private static final int MAX_CHUNKS = 65_536;

    private ChunkIndex() {}

    /** The chunk size for a file, at least {@code atLeast}, as a power of two of blocks. */
    static int bits(long size, int atLeast) {
        var bits = atLeast;
        while (size > 0 && (size - 1) / bytes(bits) >= MAX_CHUNKS) {
            bits++;
        }
        return bits;
    }

    static long bytes(int bits) {
        return (long) BlockFile.BLOCK_BYTES << bits;
    }

    static int count(long size, int bits) {
        return (int) ((size + bytes(bits) - 1) / bytes(bits));
    }

    /** An inode with its index behind it. The attribute area ends at a multiple of four, as the index must begin. */
    static byte[] inode(Attributes attributes, long size, int number, int bits, int[] addresses) {
        var area = ErofsInode.xattrArea(attributes.xattrs(), false);
        var head = new ErofsInode.Head(ErofsInode.S_IFREG, size, ErofsInode.CHUNK_BASED, bits, number, 1);
        var inode = ErofsInode.encode(head, attributes, area);
        var bytes = ByteBuffer.allocate(inode.length + 4 * addresses.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(inode);
        for (var address : addresses) {
            bytes.putInt(address);
        }
        return bytes.array();
    }
}
