package io.keelson.image.layer;

import java.io.IOException;
import java.util.Arrays;

/**
 * Inodes on their way into a file: they are collected in a block in memory, which is appended when it is full and has its
 * address only then. Until the end an inode is known by its slot, block by block of 128 slots of 32 bytes.
 */
final class MetadataBlocks {
    static final int SLOT_BYTES = 32;
    static final int SLOTS = BlockFile.BLOCK_BYTES / SLOT_BYTES;

    private final BlockFile file;
    private final byte[] open = new byte[BlockFile.BLOCK_BYTES];
    private int used;
    private int[] addresses = new int[64];
    private int count;
    private boolean hasChunked;

    MetadataBlocks(BlockFile file) {
        this.file = file;
    }

    /** Bytes that fit into the open block. */
    int room() {
        return BlockFile.BLOCK_BYTES - used;
    }

    /** Stores an inode with all that follows it; its slot. What fits in a block does not cross the end of one. */
    int add(byte[] inode, byte[] tail, int tailBytes) throws IOException {
        var length = inode.length + tailBytes;
        if (length > BlockFile.BLOCK_BYTES) {
            return addLarge(inode);
        }
        if (length > room()) {
            flush();
        }
        var slot = count * SLOTS + used / SLOT_BYTES;
        System.arraycopy(inode, 0, open, used, inode.length);
        System.arraycopy(tail, 0, open, used + inode.length, tailBytes);
        used = Math.min(BlockFile.BLOCK_BYTES, (used + length + SLOT_BYTES - 1) & -SLOT_BYTES);
        return slot;
    }

    /** The same for the inode of a chunk-based file, which readers have to know about. */
    int addChunked(byte[] inode) throws IOException {
        hasChunked = true;
        return add(inode, new byte[0], 0);
    }

    boolean hasChunked() {
        return hasChunked;
    }

    /** An inode with more attributes or a longer index than a block holds, on blocks that lie in a row; it has no tail. */
    private int addLarge(byte[] inode) throws IOException {
        flush();
        var slot = count * SLOTS;
        remember(file.block());
        file.append(inode, 0, inode.length);
        file.align();
        return slot;
    }

    void flush() throws IOException {
        if (used == 0) {
            return;
        }
        Arrays.fill(open, used, open.length, (byte) 0);
        remember(file.block());
        file.append(open, 0, open.length);
        used = 0;
    }

    private void remember(int address) {
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, count * 2);
        }
        addresses[count++] = address;
    }

    /** Where a slot came to lie; after {@link #flush}. */
    long position(int slot) {
        return Integer.toUnsignedLong(addresses[slot / SLOTS]) * BlockFile.BLOCK_BYTES
                + (long) (slot % SLOTS) * SLOT_BYTES;
    }
}
