package io.keelson.image.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The whole blocks of a file on their way into the layer. Aligned chunks of nothing but zeros are not written: they become holes, so
 * that a file of zeros costs next to nothing however long it is. Between holes the blocks lie in a row.
 */
final class DataBlocks {
    /** Smallest chunk, as a power of two of blocks: shorter runs of zeros are not worth an index. */
    private static final int MIN_CHUNK_BITS = 4;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BlockFile.BLOCK_BYTES << MIN_CHUNK_BITS);

    private final BlockFile file;
    private final long size;
    private final int firstBlock;
    private final int chunkBits;
    private final long chunkBytes;
    private final BitSet holes = new BitSet(0);
    private int chunk;
    private long inChunk;
    /** Zeros that the open chunk begins with, not written as long as nothing else has come. */
    private long held;

    /** @param size of the whole file */
    DataBlocks(BlockFile file, long size) {
        this.file = file;
        this.size = size;
        this.firstBlock = file.block();
        this.chunkBits = ChunkIndex.bits(size, MIN_CHUNK_BITS);
        this.chunkBytes = ChunkIndex.bytes(chunkBits);
    }

    int firstBlock() {
        return firstBlock;
    }

    /** Uses all remaining bytes of the piece. */
    void append(ByteBuffer piece) throws IOException {
        var limit = piece.limit();
        while (piece.position() < limit) {
            piece.limit((int) Math.min(limit, piece.position() + chunkBytes - inChunk));
            appendToChunk(piece);
            if (inChunk == chunkBytes) {
                endChunk();
            }
        }
        piece.limit(limit);
    }

    private void appendToChunk(ByteBuffer piece) throws IOException {
        var length = piece.remaining();
        if (held == inChunk) {
            skipZeros(piece);
        }
        if (piece.hasRemaining()) {
            if (held == inChunk) {
                file.appendZeros(held);
                held = -1;
            }
            file.append(piece);
        }
        inChunk += length;
    }

    /** Holds the piece back if it is all zeros. */
    private void skipZeros(ByteBuffer piece) {
        var rest = piece.duplicate();
        while (rest.hasRemaining()) {
            var length = Math.min(rest.remaining(), ZEROS.capacity());
            if (rest.slice(rest.position(), length).mismatch(ZEROS.slice(0, length)) >= 0) {
                return;
            }
            rest.position(rest.position() + length);
        }
        held += piece.remaining();
        piece.position(piece.limit());
    }

    private void endChunk() {
        if (held == inChunk) {
            holes.set(chunk);
        }
        chunk++;
        inChunk = 0;
        held = 0;
    }

    /**
     * Ends the last chunk. A short one is a hole only beside others, and if nothing but zeros follows the whole blocks.
     *
     * @return whether there are holes; then {@link #addresses} says where what is no hole lies
     */
    boolean end(boolean zerosFollow) throws IOException {
        if (held == inChunk && held > 0) {
            if (zerosFollow && !holes.isEmpty()) {
                holes.set(chunk);
            } else {
                file.appendZeros(held);
            }
        }
        return !holes.isEmpty();
    }

    /** Whether the last chunk, with what follows the whole blocks, is not stored. */
    boolean endsInAHole() {
        return holes.get((int) ((size - 1) / chunkBytes));
    }

    int chunkBits() {
        return chunkBits;
    }

    int[] addresses() {
        var addresses = new int[ChunkIndex.count(size, chunkBits)];
        Arrays.fill(addresses, ErofsInode.NO_BLOCK);
        var block = firstBlock;
        for (var index = holes.nextClearBit(0); index < addresses.length; index = holes.nextClearBit(index + 1)) {
            addresses[index] = block;
            block += 1 << chunkBits;
        }
        return addresses;
    }
}
