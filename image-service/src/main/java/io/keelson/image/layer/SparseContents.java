package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.TarEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A sparse file on its way into the layer: chunks that hold something are stored, the others are holes in its index. */
final class SparseContents implements StoredFile {
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
        chunkBits = ChunkIndex.bits(size, 0);
        addresses = new int[ChunkIndex.count(size, chunkBits)];
        Arrays.fill(addresses, ErofsInode.NO_BLOCK);
    }

    @Override
    public void accept(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            var at = segments.get(segment).offset() + inSegment;
            seek(at);
            var chunkEnd = (chunk + 1) * ChunkIndex.bytes(chunkBits);
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
        var wanted = (int) (at / ChunkIndex.bytes(chunkBits));
        if (wanted != chunk) {
            endChunk();
            chunk = wanted;
            position = wanted * ChunkIndex.bytes(chunkBits);
            addresses[wanted] = file.block();
        }
        file.appendZeros(at - position);
        position = at;
    }

    /** The last chunk ends with the file's last block. */
    private void endChunk() throws IOException {
        if (chunk >= 0) {
            file.appendZeros(Math.min((chunk + 1) * ChunkIndex.bytes(chunkBits), size) - position);
            file.align();
        }
    }

    @Override
    public int end() throws IOException {
        endChunk();
        return metadata.addChunked(ChunkIndex.inode(attributes, size, number, chunkBits, addresses));
    }
}
