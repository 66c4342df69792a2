package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A regular file on its way into the layer: full blocks as they come, then the inode with what is left. Long runs of zeros are holes. */
final class FileContents implements StoredFile {
    /** A longer tail gets a block of its own where the open metadata block has no room for it. */
    private static final int MAX_TAIL_FOR_NEW_BLOCK = BlockFile.BLOCK_BYTES / 2;

    private final BlockFile file;
    private final MetadataBlocks metadata;
    private final Attributes attributes;
    private final long size;
    private final int number;
    private final DataBlocks blocks;
    private final byte[] tail;
    private int tailBytes;
    private long leftInBlocks;

    /** @param tail a block that no other file uses until this one has ended */
    FileContents(BlockFile file, MetadataBlocks metadata, Attributes attributes, long size, int number, byte[] tail) {
        this.file = file;
        this.metadata = metadata;
        this.attributes = attributes;
        this.size = size;
        this.number = number;
        this.tail = tail;
        this.blocks = new DataBlocks(file, size);
        this.leftInBlocks = size - size % BlockFile.BLOCK_BYTES;
    }

    @Override
    public void accept(ByteBuffer piece) throws IOException {
        if (leftInBlocks > 0) {
            var limit = piece.limit();
            var take = (int) Math.min(leftInBlocks, piece.remaining());
            piece.limit(piece.position() + take);
            blocks.append(piece);
            piece.limit(limit);
            leftInBlocks -= take;
        }
        var rest = piece.remaining();
        piece.get(tail, tailBytes, rest);
        tailBytes += rest;
    }

    @Override
    public int end() throws IOException {
        if (!blocks.end(tailIsZero())) {
            return end(ErofsInode.S_IFREG);
        }
        if (tailBytes > 0 && !blocks.endsInAHole()) {
            file.append(tail, 0, tailBytes);
            file.align();
        }
        return metadata.addChunked(ChunkIndex.inode(attributes, size, number, blocks.chunkBits(), blocks.addresses()));
    }

    private boolean tailIsZero() {
        for (var i = 0; i < tailBytes; i++) {
            if (tail[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Without holes. A symbolic link is stored as a file with its target. */
    int end(int type) throws IOException {
        var area = ErofsInode.xattrArea(attributes.xattrs(), false);
        var bytes = ErofsInode.BYTES + area.length + tailBytes;
        var inline = tailBytes > 0
                && bytes <= BlockFile.BLOCK_BYTES
                && (bytes <= metadata.room() || tailBytes <= MAX_TAIL_FOR_NEW_BLOCK);
        if (tailBytes > 0 && !inline) {
            file.append(tail, 0, tailBytes);
            file.align();
        }
        var hasBlocks = size >= BlockFile.BLOCK_BYTES || (tailBytes > 0 && !inline);
        var head = new ErofsInode.Head(
                type,
                size,
                inline ? ErofsInode.FLAT_INLINE_TAIL : ErofsInode.FLAT,
                hasBlocks ? blocks.firstBlock() : ErofsInode.NO_BLOCK,
                number,
                1);
        return metadata.add(ErofsInode.encode(head, attributes, area), tail, inline ? tailBytes : 0);
    }
}
