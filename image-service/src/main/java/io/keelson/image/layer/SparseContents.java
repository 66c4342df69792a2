package io.keelson.image.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** A sparse file on its way into the layer: chunks that hold something are stored, the others are holes in its index. */
final class SparseContents implements ByteSource.Sink {
    /** Longest index; longer files have larger chunks. */
    private static final int MAX_CHUNKS = 65_536;

    private final BlockFile file;
    private final MetadataBlocks metadata;
    private final Attributes attributes;
    private final long size;
    private final int number;
    private final List<TarEntry.Segment> segments;
    private final int chunkBits;
    private final int[] addresses;
    private int segment;
    private long inSegment;
    private int chunk = -1;
    /** Up to where the open chunk is written, as an offset in the file. */
    private long position;

    SparseContents(
            BlockFile file,
            MetadataBlocks metadata,
            Attributes attributes,
            long size,
            int number,
            List<TarEntry.Segment> segments) {
        this.file = file;
        this.metadata = metadata;
        this.attributes = attributes;
        this.size = size;
        this.number = number;
        this.segments = segments;
        var bits = 0;
        while ((size - 1) / chunkBytes(bits) >= MAX_CHUNKS) {
            bits++;
        }
        chunkBits = bits;
        addresses = new int[(int) ((size + chunkBytes(bits) - 1) / chunkBytes(bits))];
        Arrays.fill(addresses, ErofsInode.NO_BLOCK);
    }

    private static long chunkBytes(int bits) {
        return (long) BlockFile.BLOCK_BYTES << bits;
    }

    @Override
    public void accept(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            var at = segments.get(segment).offset() + inSegment;
            seek(at);
            var chunkEnd = (chunk + 1) * chunkBytes(chunkBits);
            var take = (int) Math.min(
                    piece.remaining(),
                    Math.min(chunkEnd - at, segments.get(segment).end() - at));
            var limit = piece.limit();
            piece.limit(piece.position() + take);
            file.append(piece);
            piece.limit(limit);
            position += take;
            inSegment += take;
            if (inSegment == segments.get(segment).length()) {
                segment++;
                inSegment = 0;
            }
        }
    }

    private void seek(long at) throws IOException {
        var wanted = (int) (at / chunkBytes(chunkBits));
        if (wanted != chunk) {
            endChunk();
            chunk = wanted;
            position = wanted * chunkBytes(chunkBits);
            addresses[wanted] = file.block();
        }
        file.appendZeros(at - position);
        position = at;
    }

    /** The last chunk ends with the file's last block. */
    private void endChunk() throws IOException {
        if (chunk >= 0) {
            file.appendZeros(Math.min((chunk + 1) * chunkBytes(chunkBits), size) - position);
            file.align();
        }
    }

    /** The slot of its inode. */
    int end() throws IOException {
        endChunk();
        var area = ErofsInode.xattrArea(attributes.xattrs(), false);
        var head = new ErofsInode.Head(ErofsInode.S_IFREG, size, ErofsInode.CHUNK_BASED, chunkBits, number, 1);
        var inode = ErofsInode.encode(head, attributes, area);
        var bytes = ByteBuffer.allocate(inode.length + 4 * addresses.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(inode);
        for (var address : addresses) {
            bytes.putInt(address);
        }
        return metadata.add(bytes.array(), new byte[0], 0);
    }
}
